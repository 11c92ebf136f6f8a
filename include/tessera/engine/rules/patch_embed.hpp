// SPDX-License-Identifier: MIT
#pragma once

// PatchEmbed: the convolution that it is.

#include "tessera/engine/rules/convolution.hpp"
#include "tessera/layers/patch_embed.hpp"

namespace tessera::detail {

template <Engine E, int Patch, int Channels, class Original, class Bound>
class Lowered<E, PatchEmbed<Patch, Channels>, Original, Bound>
    : public ConvolutionStep<E, Convolution<Channels, Patch, Patch>, Bound, NoActivation> {
 public:
  explicit Lowered(const Bound& layer) : Lowered::ConvolutionStep(layer, ChannelFold(layer)) {}
};

}  // namespace tessera::detail
