// SPDX-License-Identifier: MIT
#pragma once

// Model<N>: a network made ready to run. Its weights are folded and packed once, from Weights<N>, and never change again, so any
// number of threads may share one model. A forward pass allocates nothing when the caller gives the output and a Scratch.
//
// With workers (threads/thread_pool_workers.hpp), whole images of a batch are run by one worker each, each through all layers while it is in cache;
// what is left over, and a single image, by all workers together. Results have the same bits for every batch size and number of threads.

#include <memory>
#include <optional>
#include <string>

#include "tessera/core/batch.hpp"
#include "tessera/core/eigen_tensor.hpp"
#include "tessera/engine/rules/rules.hpp"
#include "tessera/layers/weights.hpp"

namespace tessera {

template <class N, Engine E = fast_engine>
class Model {
  using Program = detail::LoweredOf<E, typename N::Body, typename N::Bound>;

 public:
  using network = N;
  static constexpr Shape input = N::input, output = N::output;

  // Throws Error that names the first parameter without values.
  explicit Model(const Weights<N>& weights) : program_(lower(weights)) {}

  // Working memory of one worker, and what a forward pass needs beside the model: one Scratch per running forward pass.
  // Where a network takes images of any size, the shape of the image has to be given.
  static constexpr std::size_t scratch_bytes(Shape image) { return scratch_floats(checked(image)) * sizeof(float); }
  static Scratch make_scratch(Shape image) { return Scratch(scratch_floats(checked(image))); }
  static Scratch make_scratch(Workers& workers, Shape image) { return Scratch(scratch_floats(checked(image)), &workers); }
  static constexpr std::size_t scratch_bytes()
    requires(input.fixed())
  {
    return scratch_bytes(input);
  }
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
  void forward(View<input> x, MutableView<output> y, Scratch& scratch) const { run(x, y, scratch, nullptr); }
  // All images of x, which y has room for.
  void forward(const Batch<input>& x, Batch<output>& y, Scratch& scratch) const {
    if (y.count() != x.count()) detail::fail("Model: found room for ", y.count(), " results, expected ", x.count());
    check(x.shape(), y.shape(), scratch);
    scratch.share(x.count(), [&](std::ptrdiff_t job, Scratch& own) {
      const int image = static_cast<int>(job);
      forward(x[image], y[image], own);
    });
  }

  Tensor<output> operator()(const Tensor<input>& x) const {
    Tensor<output> y(output_shape(x.shape()));
    forward(x.view(), y.view(), thread_scratch(x.shape()));
    return y;
  }
  Batch<output> operator()(const Batch<input>& x) const { return run_batch(x, thread_scratch(x.shape())); }
  Batch<output> operator()(const Batch<input>& x, Workers& workers) const {
    Scratch scratch = make_scratch(workers, x.shape());
    return run_batch(x, scratch);
  }
  // Eigen tensors: [height, width, channels] gives [classes], [images, height, width, channels] gives [images, classes]. How Eigen
  // allocates depends on the instruction set: in a program of several (kernels/packet.hpp), only the translation units of one of them may
  // use this, or the functions below that give Eigen tensors.
  Eigen::Tensor<float, 1, Eigen::RowMajor> operator()(const Eigen::Tensor<float, 3, Eigen::RowMajor>& x) const {
    const Shape shape = checked({side(x, 0), side(x, 1), side(x, 2)});
    Eigen::Tensor<float, 1, Eigen::RowMajor> y(output_shape(shape).size());
    forward({x.data(), shape}, {y.data(), output_shape(shape)}, thread_scratch(shape));
    return y;
  }
  Eigen::Tensor<float, 2, Eigen::RowMajor> operator()(const Eigen::Tensor<float, 4, Eigen::RowMajor>& x) const {
    const Shape shape = checked({side(x, 1), side(x, 2), side(x, 3)});
    const Shape out = output_shape(shape);
    Eigen::Tensor<float, 2, Eigen::RowMajor> y(x.dimension(0), out.size());
    for (Eigen::Index image = 0; image < x.dimension(0); ++image)
      forward({x.data() + image * shape.size(), shape}, {y.data() + image * out.size(), out}, thread_scratch(shape));
    return y;
  }

  // An intermediate result by name: height × width × channels.
  Eigen::Tensor<float, 3, Eigen::RowMajor> intermediate(const Tensor<input>& x, std::string_view name) const {
    Picker picker(name);
    observe(x, picker);
    return picker.take();
  }
  // Tokens after the last norm, and their mean: what the head sees.
  Eigen::Tensor<float, 3, Eigen::RowMajor> tokens(const Tensor<input>& x) const { return intermediate(x, "tokens"); }
  Eigen::Tensor<float, 1, Eigen::RowMajor> features(const Tensor<input>& x) const {
    const auto pooled = intermediate(x, "features");
    return pooled.reshape(Eigen::array<Eigen::Index, 1>{pooled.size()});
  }

  // Runs the network and shows the named intermediate results (stem, blocks.0, ..., norm; "tokens" and "features" in front of
  // the pooling and of the head). What is inside a residual or parallel branch, or in the middle of a fused step, is not shown.
  Tensor<output> observe(const Tensor<input>& x, Observer& observer) const {
    Tensor<output> y(output_shape(x.shape()));
    // Taken away for the time being: the observer may run the model itself.
    Scratch scratch = std::move(thread_scratch(x.shape()));
    run(x.view(), y.view(), scratch, &observer);
    thread_scratch() = std::move(scratch);
    return y;
  }

 private:
  static std::unique_ptr<const Program> lower(const Weights<N>& weights) {
    weights.check_bound();
    BufferPool packed_weights;
    return std::make_unique<const Program>(weights.layers());
  }
  static constexpr std::size_t scratch_floats(Shape image) { return 2 * Program::flow_floats(image) + Program::scratch_floats(image); }

  void run(View<input> x, MutableView<output> y, Scratch& scratch, Observer* observer) const {
    check(x.shape(), y.shape(), scratch);
    Scratch::Frame frame(scratch);
    const std::size_t floats = Program::flow_floats(x.shape());
    detail::Flow flow(x.data(), x.shape(), frame.take(floats), frame.take(floats), observer);
    program_->run(flow, scratch);
    std::copy_n(flow.x(), y.size(), y.data());
  }

  // Whatever may be wrong is found here, before the work is shared out.
  static void check(Shape x, Shape y, const Scratch& scratch) {
    checked(x);
    if (y != output_shape(x)) detail::fail("Model: found room for ", y, ", expected ", output_shape(x));
    if (scratch.capacity() < scratch_floats(x))
      detail::fail("Model: found a Scratch of ", scratch.capacity(), " floats, expected ", scratch_floats(x));
  }
  Batch<output> run_batch(const Batch<input>& x, Scratch& scratch) const {
    Batch<output> y(x.count(), output_shape(x.shape()));
    forward(x, y, scratch);
    return y;
  }

  // Keeps the result of one name.
  class Picker : public Observer {
   public:
    explicit Picker(std::string_view name) : name_(name) {}
    void see(std::string_view name, Shape shape, const float* x) override {
      seen_ += (seen_.empty() ? "" : ", ") + std::string(name);
      if (name != name_) return;
      found_.emplace(shape.height, shape.width, shape.channels);
      std::copy_n(x, shape.size(), found_->data());
    }
    Eigen::Tensor<float, 3, Eigen::RowMajor> take() {
      if (!found_) detail::fail("Model: found no intermediate result \"", name_, "\", expected one of ", seen_);
      return std::move(*found_);
    }

   private:
    std::string name_, seen_;
    std::optional<Eigen::Tensor<float, 3, Eigen::RowMajor>> found_;
  };

  template <class EigenTensor>
  static int side(const EigenTensor& x, int axis) {
    return static_cast<int>(x.dimension(axis));
  }
  static constexpr Shape checked(Shape shape) {
    if (!accepts(input, shape)) detail::fail("Model: found an image of shape ", shape, ", expected ", input);
    return shape;
  }
  static std::optional<Scratch>& thread_scratch() {
    thread_local std::optional<Scratch> scratch;
    return scratch;
  }
  static Scratch& thread_scratch(Shape image) {
    std::optional<Scratch>& scratch = thread_scratch();
    if (!scratch || scratch->capacity() < scratch_floats(image)) scratch.emplace(scratch_floats(image));
    return *scratch;
  }

  std::unique_ptr<const Program> program_;
};

}  // namespace tessera
