// SPDX-License-Identifier: MIT
#pragma once

// What Model<N> does for every N alike, compiled once: it checks shapes, finds working memory, and runs a lowered network whose type it
// does not know.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/observer.hpp"
#include "tessera/core/scratch.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/engine/flow.hpp"

namespace tessera {

// Frees the working memory that the calling thread keeps for Model's functions. It is made anew when it is needed.
void release_thread_memory();

namespace detail {

// What a forward pass for one image needs.
struct PassSizes {
  Shape output;
  std::size_t flow;   // floats of each of the two activations
  std::size_t steps;  // floats of scratch that the steps take
};

// A lowered network of any type. Its functions are called once an image.
class Runnable {
 public:
  Runnable() = default;
  Runnable(const Runnable&) = delete;
  Runnable& operator=(const Runnable&) = delete;
  virtual ~Runnable() = default;
  virtual Shape input() const = 0;
  // image: a shape that input() accepts.
  virtual PassSizes sizes(Shape image) const = 0;
  virtual void run(Flow& flow, Scratch& scratch) const = 0;
};

// `classes`: of a head whose number of classes is not that of the type; 0 otherwise.
template <class Program, Shape In>
class RunnableOf final : public Runnable {
 public:
  template <class Bound>
  explicit RunnableOf(const Bound& layers, int classes = 0) : program_(layers), classes_(classes) {}
  Shape input() const override { return In; }
  PassSizes sizes(Shape image) const override {
    if constexpr (In.fixed()) {
      static constexpr PassSizes fixed = sizes_of(In);
      return with_classes(fixed);
    } else {
      return with_classes(sizes_of(image));
    }
  }
  void run(Flow& flow, Scratch& scratch) const override { program_.run(flow, scratch); }

 private:
  static constexpr PassSizes sizes_of(Shape image) {
    return {Program::output_shape(image), Program::flow_floats(image), Program::scratch_floats(image)};
  }
  PassSizes with_classes(PassSizes sizes) const {
    if (classes_ != 0) sizes.output.channels = classes_;
    const std::size_t output = Scratch::rounded(sizes.output);
    if (sizes.flow < output) sizes.flow = output;
    return sizes;
  }

  Program program_;
  int classes_;
};

// `count` images of a shape, one after another.
struct Images {
  const float* data;
  Shape shape;
  int count = 1;
};
struct MutableImages {
  float* data;
  Shape shape;
  int count = 1;
};

// Throws an Error unless the network accepts images of that shape.
void check_image(const Runnable& program, Shape image);
[[noreturn]] void fail_image(Shape found, Shape expected);
[[noreturn]] void fail_name(std::string_view name, const std::vector<std::string>& known);

// One image, in memory of the caller's, or in that of the calling thread with the given workers.
void run_image(const Runnable& program, const Images& x, const MutableImages& y, Scratch& scratch, Observer* observer = nullptr);
void run_image(const Runnable& program, const Images& x, const MutableImages& y, Workers* workers, Observer* observer);
// All images.
void run_batch(const Runnable& program, const Images& x, const MutableImages& y, Scratch& scratch);
void run_batch(const Runnable& program, const Images& x, const MutableImages& y, Workers* workers);
// The intermediate results of one image that have these names.
std::vector<Tensor<any_shape>> run_observed(const Runnable& program, const Images& x, std::span<const std::string_view> names);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/engine/runnable_inl.hpp"
#endif
