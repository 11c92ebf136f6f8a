// SPDX-License-Identifier: MIT
#pragma once

// Linear, over channels: y = x · Wᵀ + b with packed weights.

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/epilogues.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/layers/linear.hpp"

namespace tessera::detail {

template <Engine E, int Out, class Original, class Bound>
class Lowered<E, Linear<Out>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer)
      : weights_(Bound::output.channels, Bound::input.channels,
                 [&](std::ptrdiff_t k, std::ptrdiff_t c) { return layer.weight().data()[k * Bound::input.channels + c]; }),
        bias_(padded_vector<E>(Bound::output.channels, [&](std::ptrdiff_t k) { return layer.bias().data()[k]; })) {}

  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    multiply_panels<E>(flow.x(), flow.shape().channels, {0, out.positions()}, weights_,
                       StoreBias<E, NoActivation>{flow.next(), out.channels, bias_.data()}, scratch);
    flow.advance(out);
  }

 private:
  Panels<E> weights_;
  Buffer bias_;
};

}  // namespace tessera::detail
