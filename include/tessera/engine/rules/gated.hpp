// SPDX-License-Identifier: MIT
#pragma once

// Gated<Layers...>, y = u ⊙ F(v) with [u v] = x:
//
//     Gated<Activation>     one pass over x
//     any other             the gate runs in a flow of its own on a copy of v, then one pass multiplies

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/kernels/channelwise.hpp"
#include "tessera/layers/gated.hpp"

namespace tessera::detail {

template <Engine E, class... Nameless, class Original, class Bound>
class Lowered<E, Gated<Nameless...>, Original, Bound> {
  using Gate = LoweredOf<E, SequentialOf<Original>, typename Bound::Gate>;
  static constexpr Shape half_of(Shape in) { return Bound::output_shape(in); }

 public:
  explicit Lowered(const Bound& layer) : gate_(layer.gate()) {}
  Lowered(const Bound& layer, const Lowered& first) : gate_(layer.gate(), first.gate_) {}

  static constexpr Shape output_shape(Shape in) { return half_of(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return 2 * Gate::flow_floats(half_of(in)) + Gate::scratch_floats(half_of(in)); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(half_of(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape half = half_of(flow.shape());
    const std::ptrdiff_t rows = half.positions(), channels = half.channels;
    Scratch::Frame frame(scratch);
    const std::size_t floats = flow_floats_of<Gate, Bound::Gate::input>(half);
    Flow gate(flow.x(), half, frame.take(floats), frame.take(floats), flow.watch());
    scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      for (std::ptrdiff_t n = first; n < first + count; ++n)
        std::copy_n(flow.x() + (2 * n + 1) * channels, channels, gate.next() + n * channels);
    });
    gate.advance(half);
    gate_.run(gate, scratch);
    multiply_rows<E>(flow.x(), 2 * channels, gate.x(), rows, channels, flow.next(), scratch);
    flow.advance(half);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    Gate::walk(walk, half_of(in));
  }

 private:
  Gate gate_;
};

template <Engine E, class Layer, class Original, class Bound>
  requires requires { typename ActivationKernel<Layer>; }
class Lowered<E, Gated<Layer>, Original, Bound> {
 public:
  explicit Lowered(const Bound&) {}

  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    gate_rows<E, ActivationKernel<Layer>>(flow.x(), out.positions(), out.channels, flow.next(), scratch);
    flow.advance(out);
  }
};

}  // namespace tessera::detail
