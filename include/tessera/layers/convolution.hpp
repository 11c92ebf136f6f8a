// SPDX-License-Identifier: MIT
#pragma once

// Dense convolution (cross-correlation, as everywhere in deep learning), zeros around the map:
//
//     y[i,j,k] = Σ_{c,u,v} W[k,c,u,v] · x[iS+u-p, jS+v-p, c] + b[k]        output side ⌊(n + 2p - κ)/S⌋ + 1
//
// x: H×W×C    y: H'×W'×K    W: K×C×κ×κ    b: K        Keys: weight, bias.
// Any image size, known or not.

#include "tessera/layers/bias.hpp"
#include "tessera/layers/reference.hpp"
#include "tessera/layers/window.hpp"

namespace tessera {

// Channels: K, the number of output channels. Kernel: κ, the side of the square window in positions. Stride: S, how many positions the
// window moves. Padding: p, how many positions of zeros are added on each side.
template <int Channels, int Kernel, int Stride = 1, int Padding = 0, Bias WithBias = Bias::per_channel>
struct Convolution {
  template <Shape In>
  class At {
    using Window = detail::Window<Kernel, Stride, Padding>;
    static_assert(Window::padded(In.height) >= Kernel, "Convolution: the kernel must fit into the height of the image with its padding");
    static_assert(Window::padded(In.width) >= Kernel, "Convolution: the kernel must fit into the width of the image with its padding");

   public:
    static constexpr Shape input = In, output = Window::output_shape(In, Channels);
    static constexpr Shape output_shape(Shape in) { return Window::output_shape(in, Channels); }
    static constexpr std::int64_t macs(Shape in) { return output_shape(in).size() * Kernel * Kernel * In.channels; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      detail::reference_convolution(x, weight_, WithBias == Bias::none ? nullptr : &bias_, Stride, Padding, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("weight", self.weight_);
      if constexpr (WithBias == Bias::per_channel) visit("bias", self.bias_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }  // no data where there is none

   private:
    Parameter weight_{Channels, In.channels, Kernel, Kernel}, bias_{Channels};
  };
};

}  // namespace tessera
