// SPDX-License-Identifier: MIT
#pragma once

// AcrossTokens<L>: a layer over channels turned to work over positions, the same for every channel (cross-patch layer, token mixing):
//
//     y[:,c] = L(x[:,c])        for every channel c
//
// x, y: N×C. L sees C positions with N channels each. With L = Linear<> this is ResMLP's cross-patch linear
//
//     y[n,c] = Σ_m W[n,m] · x[m,c] + b[n]        W: N×N    b: N, per token
//
// and with L = FeedForward<D> MLP-Mixer's token-mixing MLP. The weights depend on N, so the image size must be fixed.
// Touvron et al. 2021, arXiv:2105.03404, eq. 2; Tolstikhin et al. 2021, arXiv:2105.01601, eq. 1 (first line).

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

template <class L>
struct AcrossTokens {
  template <Shape In>
  class At {
    static_assert(In.fixed(), "AcrossTokens: the image size must be fixed, because the weights depend on the number of tokens");
    static constexpr Shape turned{1, In.channels, static_cast<int>(In.positions())};

   public:
    static_assert(Layer<L, turned>, "AcrossTokens: the member must be a layer over the tokens");
    using Member = typename L::template At<turned>;
    static_assert(Member::output.channels == turned.channels, "AcrossTokens: the member must keep the number of tokens");
    static_assert(Member::output.positions() == turned.positions(), "AcrossTokens: the member must keep the number of channels");
    static constexpr Shape input = In, output = In;

    static constexpr std::int64_t macs(Shape) { return detail::macs<Member>(turned); }
    static constexpr std::size_t scratch_floats(Shape) { return 2 * Scratch::rounded(turned) + detail::scratch_floats<Member>(turned); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      Scratch::Frame frame(scratch);
      const auto columns = frame.take<turned>(turned);
      const auto mixed = frame.take<turned>(turned);
      detail::reference_transpose(x, columns);
      member_.forward(columns, mixed, scratch);
      detail::reference_transpose(mixed, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) { detail::visit_parameters(self.member_, visit); }

    const Member& member() const { return member_; }

   private:
    Member member_;
  };
};

}  // namespace tessera
