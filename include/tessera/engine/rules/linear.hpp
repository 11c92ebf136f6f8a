// SPDX-License-Identifier: MIT
#pragma once

// Linear, over channels: y = x · Wᵀ + b with packed weights.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/layers/linear.hpp"

namespace tessera::detail {

template <Engine E, int Out, class Original, class Bound>
class Lowered<E, Linear<Out>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer)
      : weights_({.data = layer.weight().data(), .columns = Bound::output.channels, .inner = Bound::input.channels}),
        bias_(padded_copy<E>(layer.bias())) {}

  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    multiply_panels<E>(flow.x(), flow.shape().channels, {0, static_cast<std::ptrdiff_t>(out.positions())}, weights_,
                       {.y = flow.next(), .stride = out.channels, .bias_of = BiasOf::channel, .bias = bias_.data()}, scratch);
    flow.advance(out);
  }

 private:
  Panels<E> weights_;
  Buffer bias_;
};

}  // namespace tessera::detail
