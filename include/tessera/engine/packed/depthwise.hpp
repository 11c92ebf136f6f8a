// SPDX-License-Identifier: MIT
#pragma once

// A depthwise 3×3 convolution as the engine keeps it: taps and bias in the order in which kernels/depthwise.hpp reads them.

#include "tessera/engine/flow.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/depthwise.hpp"

namespace tessera::detail {

template <Engine E>
class DepthwiseKernel {
 public:
  template <class Bound>
  explicit DepthwiseKernel(const Bound& layer) : taps_(depthwise_taps<E>(Bound::input.channels, layer.weight().data())) {
    if (layer.bias().data() != nullptr) bias_ = padded_copy<E>(layer.bias());
  }

  const float* taps() const { return taps_.data(); }
  const float* bias() const { return bias_.data(); }

  // y = DW(x), with Skip::add_input y = x + DW(x). x and y are distinct maps of this shape.
  template <Skip S = Skip::none>
  void run(const float* x, Shape shape, float* y, Scratch& scratch) const {
    depthwise_3x3<E, S>(x, shape.height, shape.width, shape.channels, taps(), bias(), y, scratch);
  }

  // The flow's x += DW(x). Several workers write a second map, because each reads rows that are another's.
  void add(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    if (scratch.workers() > 1) {
      run<Skip::add_input>(flow.x(), shape, flow.next(), scratch);
      flow.advance(shape);
    } else {
      Scratch::Frame frame(scratch);
      const std::size_t row = row_floats(shape);
      float* const before[2] = {frame.take(row), frame.take(row)};
      add_depthwise_3x3<E>(flow.in_place(), shape.height, shape.width, shape.channels, taps(), bias(), before);
    }
  }
  static constexpr std::size_t add_scratch_floats(Shape in) { return 2 * Scratch::rounded(row_floats(in)); }

 private:
  static constexpr std::size_t row_floats(Shape in) { return static_cast<std::size_t>(std::int64_t{in.width} * in.channels); }

  Buffer taps_, bias_;
};

}  // namespace tessera::detail
