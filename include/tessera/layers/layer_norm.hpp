// SPDX-License-Identifier: MIT
#pragma once

// Every position brought to mean 0 and variance 1 over its channels, then a scale and a shift per channel:
//
//     y[n,c] = weight[c] · (x[n,c] - μ[n]) / √(σ²[n] + ε) + bias[c]        μ[n], σ²[n]: mean and biased variance of x[n,:]
//
// x, y: N×C    weight, bias: C        Ba et al. 2016, arXiv:1607.06450, eq. 4.        Keys: weight, bias.
// ε differs from family to family: LayerNorm<> has the 1e-6 of MLP-Mixer and SPACH; ConvMLP and gMLP's gate want LayerNorm<1e-5>.
// The variance is that of the centred numbers: E[x²] - μ² loses everything where the mean is large.

#include "tessera/core/real.hpp"
#include "tessera/layers/layer.hpp"

namespace tessera {

template <Real Epsilon = 1e-6>
struct LayerNorm {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr float epsilon = static_cast<float>(Epsilon.value());
    static constexpr Shape output_shape(Shape in) { return in; }
    static constexpr std::size_t scratch_floats(Shape in) { return Scratch::rounded(static_cast<std::size_t>(in.positions())); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      using Sizes = Eigen::array<Eigen::Index, 3>;
      const Shape shape = x.shape();
      const Sizes column{shape.height, shape.width, 1}, channels{1, 1, shape.channels};
      const Eigen::array<int, 1> last{2};
      Scratch::Frame frame(scratch);
      auto per_position = frame.take<Shape{In.height, In.width, 1}>({shape.height, shape.width, 1}).tensor();
      auto centred = y.tensor();

      per_position = x.tensor().mean(last).reshape(column);
      centred = x.tensor() - per_position.broadcast(channels);
      per_position = (centred.square().mean(last).reshape(column) + epsilon).sqrt().inverse();
      centred = centred * per_position.broadcast(channels) * detail::per_channel(weight_, shape) + detail::per_channel(bias_, shape);
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
