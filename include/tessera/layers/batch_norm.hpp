// SPDX-License-Identifier: MIT
#pragma once

// Batch normalisation at inference: every channel by its stored mean and variance,
//
//     y[n,c] = (x[n,c] - mean[c]) / √(var[c] + ε) · w[c] + b[c]        ε = 1e-5
//
// x, y: N×C    w, b, mean, var: C        Keys: weight, bias, running_mean, running_var.
// Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 2. Checkpoints also have a counter num_batches_tracked, which has no effect.

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

struct BatchNorm {
  // Added to the variance.
  static constexpr float epsilon = 1e-5F;

  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      detail::reference_batch_norm(x, weight_, bias_, mean_, variance_, epsilon, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      visit("bias", self.bias_);
      visit("running_mean", self.mean_);
      visit("running_var", self.variance_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }
    const Parameter& mean() const { return mean_; }
    const Parameter& variance() const { return variance_; }

   private:
    Parameter weight_{In.channels}, bias_{In.channels};
    Parameter mean_ = Parameter::statistic(In.channels), variance_ = Parameter::statistic(In.channels);
  };
};

}  // namespace tessera
