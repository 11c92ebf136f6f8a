// SPDX-License-Identifier: MIT
#pragma once

// gMLP: one gated MLP per block, the gate mixing tokens; gMixer: MLP-Mixer with gated linear units in both MLPs.
//
//     gMLP      Y = X + W2 (U ⊙ (A LN(V) + a))           [U V] = GELU(W1 LN(X))
//     gMixer    MLP-Mixer's block with W2 (U ⊙ SiLU(V)), [U V] = W1 X, for each MLP
//
// Liu et al. 2021, Pay Attention to MLPs, arXiv:2105.08050, eq. 1-5; gMixer is timm's (Wightman 2021). Keys: timm's.
// ε is 1e-6 in the blocks and 1e-5 in gMLP's gate.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/gated_feed_forward.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/patch_embed.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/models/checkpoint.hpp"

namespace tessera {

template <int Hidden>
using GMlpBlock = Residual<Named<"norm", LayerNorm<>>, Named<"mlp_channels", SpatialGatedFeedForward<Hidden>>>;

template <Shape Image, int Patch, int Channels, int Depth, int Hidden, int Classes>
using GMlp = Network<Image, Named<"stem", PatchEmbed<Patch, Channels>>, Named<"blocks", Repeat<Depth, GMlpBlock<Hidden>>>,
                     Named<"norm", LayerNorm<>>, MeanPool, Named<"head", Linear<Classes>>>;

template <int TokenHidden, int ChannelHidden>
using GMixerBlock = Sequential<Residual<Named<"norm1", LayerNorm<>>, Named<"mlp_tokens", AcrossTokens<GatedFeedForward<TokenHidden>>>>,
                               Residual<Named<"norm2", LayerNorm<>>, Named<"mlp_channels", GatedFeedForward<ChannelHidden>>>>;

template <Shape Image, int Patch, int Channels, int Depth, int TokenHidden, int ChannelHidden, int Classes>
using GMixer =
    Network<Image, Named<"stem", PatchEmbed<Patch, Channels>>, Named<"blocks", Repeat<Depth, GMixerBlock<TokenHidden, ChannelHidden>>>,
            Named<"norm", LayerNorm<>>, MeanPool, Named<"head", Linear<Classes>>>;

// Hidden width 6C.
template <int Channels>
struct PublishedGMlp : GMlp<Shape{224, 224, 3}, 16, Channels, 30, 6 * Channels, 1000> {
  static constexpr Preprocessing preprocessing = mixer_preprocessing;
};

template <int Depth>
struct PublishedGMixer : GMixer<Shape{224, 224, 3}, 16, 384, Depth, 384, 1536, 1000> {
  static constexpr Preprocessing preprocessing = imagenet_preprocessing;
};

// clang-format off
struct GMlpTi16 : PublishedGMlp<128> { static constexpr std::string_view name = "gmlp_ti16_224"; };
struct GMlpS16  : PublishedGMlp<256> { static constexpr std::string_view name = "gmlp_s16_224"; };
struct GMlpB16  : PublishedGMlp<512> { static constexpr std::string_view name = "gmlp_b16_224"; };
struct GMixer12 : PublishedGMixer<12> { static constexpr std::string_view name = "gmixer_12_224"; };
struct GMixer24 : PublishedGMixer<24> { static constexpr std::string_view name = "gmixer_24_224"; };

struct GMlpS16In1k  : GMlpS16  { static constexpr std::string_view name = "gmlp_s16_224.ra3_in1k"; static constexpr Checkpoint checkpoint{"gmlp_s16_224.ra3_in1k", "gmlp_s16_224_raa-10536d42.pth", 79.652}; };
struct GMixer24In1k : GMixer24 { static constexpr std::string_view name = "gmixer_24_224.ra3_in1k"; static constexpr Checkpoint checkpoint{"gmixer_24_224.ra3_in1k", "gmixer_24_224_raa-7daf7ae6.pth", 78.048}; };
// clang-format on

}  // namespace tessera
