// SPDX-License-Identifier: MIT
#pragma once

// Scale and shift of every channel, without statistics:
//
//     Affine       y[n,c] = alpha[c] · x[n,c] + beta[c]
//     LayerScale   y[n,c] = gamma[c] · x[n,c]
//
// x, y: N×C    alpha, beta, gamma: C
// Affine: Touvron et al. 2021, ResMLP, arXiv:2105.03404, eq. 1. LayerScale: Touvron et al. 2021, CaiT, arXiv:2103.17239, eq. 4.
// Keys: alpha, beta, published as 1×1×C; LayerScale's parameter has the layer's own name.
// ResMLP's paper draws an Affine after each sub-layer as well; the code and every checkpoint have a LayerScale there.

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

struct Affine {
  template <Shape In>
  class At {
   public:
    constexpr At() {
      alpha_.publish_with_leading_axes(2);
      beta_.publish_with_leading_axes(2);
    }
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_scale_shift(x, alpha_, &beta_, y); }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("alpha", self.alpha_);
      visit("beta", self.beta_);
    }

    const Parameter& alpha() const { return alpha_; }
    const Parameter& beta() const { return beta_; }

   private:
    Parameter alpha_{In.channels}, beta_{In.channels};
  };
};

struct LayerScale {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_scale_shift(x, gamma_, nullptr, y); }

    static constexpr void visit_parameters(auto& self, auto&& visit) { visit("", self.gamma_); }

    const Parameter& gamma() const { return gamma_; }

   private:
    Parameter gamma_{In.channels};
  };
};

}  // namespace tessera
