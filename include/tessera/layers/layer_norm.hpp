// SPDX-License-Identifier: MIT
#pragma once

// Every position brought to mean 0 and variance 1 over its channels, then a scale and a shift per channel:
//
//     y[n,c] = weight[c] · (x[n,c] - μ[n]) / √(σ²[n] + ε) + bias[c]        μ[n], σ²[n]: mean and biased variance of x[n,:]
//
// x, y: N×C    weight, bias: C        Ba et al. 2016, arXiv:1607.06450, eq. 4.        Keys: weight, bias.
// ε differs from family to family: LayerNorm<> has the 1e-6 of MLP-Mixer and SPACH; ConvMLP and gMLP's gate need LayerNorm<1e-5>.
// The variance is the mean of the squared differences from the mean: E[x²] - μ² loses all digits where the mean is large.

#include "tessera/core/real.hpp"
#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// Epsilon: ε.
template <Real Epsilon = 1e-6>
struct LayerNorm {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr float epsilon = static_cast<float>(Epsilon.value());
    static constexpr Shape output_shape(Shape in) { return in; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_layer_norm(x, weight_, bias_, epsilon, y); }

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
