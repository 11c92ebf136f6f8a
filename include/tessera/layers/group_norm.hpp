// SPDX-License-Identifier: MIT
#pragma once

// Groups of channels brought to mean 0 and variance 1 over all positions, then a scale and a shift per channel:
//
//     y[n,c] = weight[c] · (x[n,c] - μ[g]) / √(σ²[g] + ε) + bias[c]        g the group of c; μ[g], σ²[g]: mean and biased
//                                                                         variance of all x[n,c'] with c' in g
// x, y: N×C    weight, bias: C        Wu & He 2018, arXiv:1803.08494, eq. 1-3.        Keys: weight, bias.
// GroupNorm<> has one group: an image is normalised as a whole, not token by token (SPACH's down-sampling).

#include "tessera/core/real.hpp"
#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// Groups: the number of groups; it divides the number of channels. Epsilon: ε.
template <int Groups = 1, Real Epsilon = 1e-5>
struct GroupNorm {
  template <Shape In>
  class At {
    static_assert(In.channels % Groups == 0, "GroupNorm: the number of groups must divide the number of channels");

   public:
    static constexpr Shape input = In, output = In;
    static constexpr float epsilon = static_cast<float>(Epsilon.value());
    static constexpr Shape output_shape(Shape in) { return in; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      detail::reference_group_norm(x, Groups, weight_, bias_, epsilon, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      visit("bias", self.bias_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }

   private:
    Parameter weight_{In.channels}, bias_{In.channels};
  };
};

}  // namespace tessera
