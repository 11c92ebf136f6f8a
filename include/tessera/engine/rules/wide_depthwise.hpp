// SPDX-License-Identifier: MIT
#pragma once

// Depthwise convolutions of another size than 3×3, which has rules of its own (engine/rules/depthwise.hpp): y = W∗x + b.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/wide_depthwise.hpp"
#include "tessera/layers/depthwise_convolution.hpp"

namespace tessera::detail {

template <Engine E, int Kernel, Bias WithBias, class Original, class Bound>
class Lowered<E, DepthwiseConvolution<Kernel, WithBias>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer) : weights_(copy_of(layer.weight())) {
    if constexpr (WithBias == Bias::per_channel) bias_ = copy_of(layer.bias());
  }

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return wide_depthwise_floats<E>(in.width, Kernel); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    wide_depthwise<E>(flow.x(), flow.shape(), Kernel, weights_.data(), bias_.data(), flow.next(), scratch);
    flow.advance(flow.shape());
  }

 private:
  Buffer weights_, bias_;
};

}  // namespace tessera::detail
