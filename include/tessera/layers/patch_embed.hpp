// SPDX-License-Identifier: MIT
#pragma once

// Image to tokens: every Patch×Patch square becomes one token by a linear map (a convolution with kernel = stride = Patch),
//
//     y[i,j,k] = Σ_{c,u,v} W[k,c,u,v] · x[iP+u, jP+v, c] + b[k]
//
// x: H×W×C    y: (H/P)×(W/P)×K    W: K×C×P×P    b: K        Keys: proj.weight, proj.bias.
// Dosovitskiy et al. 2021, ViT, arXiv:2010.11929, eq. 1. No norm and no position embedding here.

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// Patch: P, the side of a patch in pixels; it divides the image's height and width. Channels: K, the channels of a token.
template <int Patch, int Channels>
struct PatchEmbed {
  template <Shape In>
  class At {
    static_assert(In.height % Patch == 0, "PatchEmbed: the patch size must divide the image height");
    static_assert(In.width % Patch == 0, "PatchEmbed: the patch size must divide the image width");

   public:
    static constexpr Shape input = In, output{In.height / Patch, In.width / Patch, Channels};
    static constexpr std::int64_t macs(Shape) { return output.size() * Patch * Patch * In.channels; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_convolution(x, weight_, &bias_, Patch, 0, y); }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("proj.weight", self.weight_);
      visit("proj.bias", self.bias_);
    }

    const Parameter& weight() const { return weight_; }
    const Parameter& bias() const { return bias_; }

   private:
    Parameter weight_{Channels, In.channels, Patch, Patch}, bias_{Channels};
  };
};

}  // namespace tessera
