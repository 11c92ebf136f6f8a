// SPDX-License-Identifier: MIT
#pragma once

// Depthwise convolution: every channel by a filter of its own, zeros around the map, same size out as in:
//
//     y[i,j,c] = Σ_{u,v} W[c,0,u,v] · x[i+u-p, j+v-p, c] + b[c]        p = (κ-1)/2
//
// x, y: H×W×C    W: C×1×κ×κ    b: C        Keys: weight, bias.
// Chollet 2017, Xception, arXiv:1610.02357. After a norm the border is zero, not the norm's shift: the shift does not fold into a bias.

#include "tessera/layers/bias.hpp"
#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// Kernel: κ, the side of the square window in positions; odd.
template <int Kernel = 3, Bias WithBias = Bias::per_channel>
struct DepthwiseConvolution {
  static_assert(Kernel % 2 == 1, "DepthwiseConvolution: the kernel size must be odd, so that the image size stays");

  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }
    static constexpr std::int64_t macs(Shape in) { return in.size() * Kernel * Kernel; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      detail::reference_depthwise(x, weight_, WithBias == Bias::none ? nullptr : &bias_, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      if constexpr (WithBias == Bias::per_channel) visit("bias", self.bias_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }  // no data where there is none

   private:
    Parameter weight_{In.channels, 1, Kernel, Kernel}, bias_{In.channels};
  };
};

}  // namespace tessera
