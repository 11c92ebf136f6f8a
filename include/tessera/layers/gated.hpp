// SPDX-License-Identifier: MIT
#pragma once

// Gated<A, B, ...>: the first half of the channels, weighted by what layers in sequence make of the second half,
//
//     y[n,:] = u[n,:] ⊙ (...B(A(v)))[n,:]        [u v] = x
//
// x: N×C    u, v, y: N×C/2
// With an activation it is a gated linear unit (gMixer, SiLU in the gate), Shazeer 2020, arXiv:2002.05202, eq. 5;
// with a norm and a linear layer across tokens it is gMLP's spatial gating unit, Liu et al. 2021, arXiv:2105.08050, eq. 5.

#include "tessera/layers/reference.hpp"
#include "tessera/layers/sequential.hpp"

namespace tessera {

template <class... Layers>
struct Gated {
  template <Shape In>
  class At {
    static_assert(In.channels % 2 == 0, "Gated: the number of channels must be even");
    static constexpr Shape half{In.height, In.width, In.channels / 2};
    static constexpr Shape half_of(Shape in) { return {in.height, in.width, in.channels / 2}; }

   public:
    using Gate = typename Sequential<Layers...>::template At<half>;
    static_assert(Gate::output.height == half.height, "Gated: the gate must give the height that it takes");
    static_assert(Gate::output.width == half.width, "Gated: the gate must give the width that it takes");
    static_assert(Gate::output.channels == half.channels, "Gated: the gate must give as many channels as it takes");
    static constexpr Shape input = In, output = half;

    static constexpr Shape output_shape(Shape in) { return half_of(in); }
    static constexpr std::int64_t macs(Shape in) { return Gate::macs(half_of(in)); }
    static constexpr std::size_t scratch_floats(Shape in) { return Scratch::rounded(half_of(in)) + Gate::scratch_floats(half_of(in)); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      Scratch::Frame frame(scratch);
      const auto v = frame.take<half>(half_of(x.shape()));
      detail::reference_second_half(x, v);
      gate_.forward(v, y, scratch);
      detail::reference_times_first_half(x, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) { detail::visit_parameters(self.gate_, visit); }

    const Gate& gate() const { return gate_; }

   private:
    Gate gate_;
  };
};

}  // namespace tessera
