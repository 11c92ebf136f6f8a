// SPDX-License-Identifier: MIT
#pragma once

// MaxPool on packets of channels.

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/max_pool.hpp"
#include "tessera/layers/max_pool.hpp"

namespace tessera::detail {

template <Engine E, int Kernel, int Stride, int Padding, class Original, class Bound>
class Lowered<E, MaxPool<Kernel, Stride, Padding>, Original, Bound> {
 public:
  explicit Lowered(const Bound&) {}

  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    max_pool<E>(flow.x(), flow.shape(), out, {Kernel, Stride, Padding}, flow.next(), scratch);
    flow.advance(out);
  }
};

}  // namespace tessera::detail
