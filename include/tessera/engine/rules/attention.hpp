// SPDX-License-Identifier: MIT
#pragma once

// Attention where no neighbour takes it in.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/attention.hpp"

namespace tessera::detail {

template <Engine E, int Heads, Bias QkvBias, class Original, class Bound>
class Lowered<E, Attention<Heads, QkvBias>, Original, Bound> {
  using Kernel = AttentionKernel<E, Bound::input, Heads, QkvBias>;

 public:
  explicit Lowered(const Bound& layer) : kernel_(layer) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Kernel::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    kernel_.run(flow.x(), flow.shape(), RowsAsTheyAre{}, {.y = flow.next(), .stride = flow.shape().channels}, scratch);
    flow.advance(flow.shape());
  }

 private:
  Kernel kernel_;
};

}  // namespace tessera::detail
