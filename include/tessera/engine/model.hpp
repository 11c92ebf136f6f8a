// SPDX-License-Identifier: MIT
#pragma once

// Model<N>: a network made ready to run, the fast form of Weights<N>.
//
//     const tessera::Model<tessera::MixerB16> model(weights);
//     const auto scores = model(image);                     a Tensor, or batch[i], or any other View
//     const auto all = model(batch, workers);               a Batch, shared by threads (threads/thread_pool_workers.hpp)
//
// Results have the same bits for every batch size and every number of threads.

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/batch.hpp"
#include "tessera/engine/rules/rules.hpp"
#include "tessera/engine/runnable.hpp"
#include "tessera/layers/weights.hpp"

namespace tessera {

// Its weights are folded and packed once, from Weights<N>, and never change again, so any number of threads may share one model. What it
// needs beside that while it runs is a Scratch. The functions that return tensors use one that the calling thread keeps for all models, as
// large as the largest has needed so far (release_thread_memory() frees it). forward() takes one from its caller and allocates nothing.
// A wrong shape throws Error.
template <class N, Engine E = fast_engine>
class Model {
  using Program = detail::LoweredOf<E, typename N::Body, typename N::Bound>;

 public:
  using network = N;
  // Which algorithms products take.
  static constexpr Engine engine = E;
  static constexpr Shape input = N::input, output = N::output;

  // The layers that no rule of the engine knows, which run their reference forward and cost many times what they could. A network whose
  // speed matters says
  //
  //     static_assert(Model<N>::reference_layers.empty());
  static constexpr std::span<const ReferenceLayer> reference_layers = detail::ReferenceLayers<Program, input>::list;

  // The weights are copied: they may be changed or freed afterwards. Throws Error where a parameter has no values, or
  // if Weights::set_classes has set another number of classes than N has.
  explicit Model(const Weights<N>& weights) : program_(lower(weights)) {}

  // Working memory of one worker, and the Scratch of one forward pass: one for each pass that runs at the same time. It does not own the
  // workers. Where a network takes images of any size, the shape of the image has to be given.
  static constexpr std::size_t scratch_bytes(Shape image) { return scratch_floats(checked(image)) * sizeof(float); }
  // Memory for one pass at a time; with workers, for each of them.
  static Scratch make_scratch(Shape image) { return Scratch(scratch_floats(checked(image))); }
  static Scratch make_scratch(Workers& workers, Shape image) { return Scratch(scratch_floats(checked(image)), &workers); }
  // The same for a network with a fixed image size, as a constant.
  static constexpr std::size_t scratch_bytes()
    requires(input.fixed())
  {
    return scratch_bytes(input);
  }
  // The same for a network with a fixed image size.
  static Scratch make_scratch()
    requires(input.fixed())
  {
    return make_scratch(input);
  }
  static Scratch make_scratch(Workers& workers)
    requires(input.fixed())
  {
    return make_scratch(workers, input);
  }
  static constexpr Shape output_shape(Shape image) { return N::Bound::output_shape(image); }

  // One image, channels last. x and y do not overlap. Allocates nothing.
  void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
    detail::run_image(*program_, {x.data(), x.shape()}, {y.data(), y.shape()}, scratch);
  }
  // All images of x, which y has room for. With workers, whole images are run by one worker each; those left over by all together.
  void forward(const Batch<input>& x, Batch<output>& y, Scratch& scratch) const {
    detail::run_batch(*program_, {x.data(), x.shape(), x.count()}, {y.data(), y.shape(), y.count()}, scratch);
  }

  // One image or a batch, channels last. Workers share the work. The working memory is kept for the next call of the thread.
  Tensor<output> operator()(View<input> x) const { return run_alone(x, nullptr); }
  Tensor<output> operator()(View<input> x, Workers& workers) const { return run_alone(x, &workers); }
  Batch<output> operator()(const Batch<input>& x) const { return run_all(x, nullptr); }
  Batch<output> operator()(const Batch<input>& x, Workers& workers) const { return run_all(x, &workers); }
  // An image of another shape does not compile, and the compiler says which numbers differ.
  template <template <Shape> class Image, Shape Other, class... More>
    requires(Other != input && input != any_shape)
  Tensor<output> operator()(const Image<Other>&, More&...) const {
    static_assert(Other.height == input.height, "Model: the image must have the height that the network takes");
    static_assert(Other.width == input.width, "Model: the image must have the width that the network takes");
    static_assert(Other.channels == input.channels, "Model: the image must have as many channels as the network takes");
    return Tensor<output>(output);
  }

  // The names of the intermediate results, in the order in which they are made: those of the checkpoint's keys (stem, blocks.0, ..., norm),
  // "tokens" and "features" before the pooling and before the head, and what a residual branch adds, under the name of the branch's last
  // layer (blocks.0.mlp_tokens, blocks.0.ls1). What is in the middle of a fused step has no name.
  static std::vector<std::string> intermediates() {
    detail::NameList list;
    Program::walk(list, input);
    return std::move(list.names);
  }
  // Whether there is an intermediate result of that name, also as a constant.
  static constexpr bool has_intermediate(std::string_view name) { return find(name).found; }

  // Intermediate results by name, height × width × channels, all in one pass. A name that is not in the list throws Error, which says which
  // names are close. What a branch adds is made for those who ask for it, in about the time of that branch.
  std::vector<Tensor<any_shape>> intermediates(View<input> x, std::span<const std::string_view> names) const {
    for (const std::string_view name : names)
      if (!has_intermediate(name)) detail::fail_name(name, intermediates());
    return detail::run_observed(*program_, {x.data(), x.shape()}, names);
  }
  std::vector<Tensor<any_shape>> intermediates(View<input> x, std::initializer_list<std::string_view> names) const {
    return intermediates(x, std::span<const std::string_view>(names.begin(), names.size()));
  }
  // One of them.
  Tensor<any_shape> intermediate(View<input> x, std::string_view name) const { return std::move(intermediates(x, {name}).front()); }

  // What the head of a classifier sees, one value a channel, and the tokens of which it is the mean, after the last norm.
  auto features(View<input> x) const { return named<"features">(x); }
  // The tokens of which it is the mean, height × width × channels.
  auto tokens(View<input> x) const { return named<"tokens">(x); }

  // Runs the network and shows every intermediate result that the observer wants. The observer may run the model itself.
  Tensor<output> observe(View<input> x, Observer& observer) const { return run_alone(x, nullptr, &observer); }

 private:
  static std::unique_ptr<const detail::Runnable> lower(const Weights<N>& weights) {
    weights.check_ready();
    BufferPool packed_weights;
    return std::make_unique<const detail::RunnableOf<Program, input>>(weights.layers());
  }
  static constexpr detail::NameFinder find(std::string_view name) {
    detail::NameFinder finder(name);
    Program::walk(finder, input);
    return finder;
  }
  template <Name Label>
  auto named(View<input> x) const {
    constexpr detail::NameFinder finder = find(Label.view());
    static_assert(
        finder.found,
        "Model: features and tokens need a network with a MeanPool, such as a classifier; ask this one for intermediate() by name");
    constexpr std::string_view name = Label.view();
    const Tensor<any_shape> found = std::move(detail::run_observed(*program_, {x.data(), x.shape()}, {&name, 1}).front());
    return Tensor<finder.shape>(View<finder.shape>(found.data(), found.shape()));
  }

  Tensor<output> run_alone(View<input> x, Workers* workers, Observer* observer = nullptr) const {
    Tensor<output> y(output_shape(x.shape()));
    detail::run_image(*program_, {x.data(), x.shape()}, {y.data(), y.shape()}, workers, observer);
    return y;
  }
  Batch<output> run_all(const Batch<input>& x, Workers* workers) const {
    Batch<output> y(x.count(), output_shape(x.shape()));
    detail::run_batch(*program_, {x.data(), x.shape(), x.count()}, {y.data(), y.shape(), y.count()}, workers);
    return y;
  }

  static constexpr std::size_t scratch_floats(Shape image) { return 2 * Program::flow_floats(image) + Program::scratch_floats(image); }
  static constexpr Shape checked(Shape image) {
    if (!accepts(input, image)) detail::fail_image(image, input);
    return image;
  }

  std::unique_ptr<const detail::Runnable> program_;
};

}  // namespace tessera
