// SPDX-License-Identifier: MIT
#pragma once

// MLP-Mixer: per block one MLP across positions and one across channels, each after a layer norm and in a residual branch.
//
//     U = X + (W2 σ(W1 LN(X)))                 token mixing: shared by all channels
//     Y = U + (W4 σ(W3 LN(U)ᵀ))ᵀ               channel mixing: shared by all tokens
//
// Tolstikhin et al. 2021, MLP-Mixer: An all-MLP Architecture for Vision, arXiv:2105.01601, eq. 1.
// Keys: timm's (stem.proj, blocks.i.norm1, blocks.i.mlp_tokens.fc1, ...); flax names are understood. ε is 1e-6 throughout.
// σ is the erf GELU in timm and the tanh GELU in the original flax code: the ...Tanh types are the original's numerics.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/feed_forward.hpp"
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

template <int TokenHidden, int ChannelHidden, class Activation = Gelu>
using MixerBlock =
    Sequential<Residual<Named<"norm1", LayerNorm<>>, Named<"mlp_tokens", AcrossTokens<FeedForward<TokenHidden, Activation>>>>,
               Residual<Named<"norm2", LayerNorm<>>, Named<"mlp_channels", FeedForward<ChannelHidden, Activation>>>>;

// Patch: the side of a patch in pixels. Channels: the width of a token. Depth: the number of blocks. TokenHidden and ChannelHidden: the
// hidden widths of the two MLPs.
template <Shape Image, int Patch, int Channels, int Depth, int TokenHidden, int ChannelHidden, class Activation, int Classes>
using MlpMixer = Network<Image, Named<"stem", PatchEmbed<Patch, Channels>>,
                         Named<"blocks", Repeat<Depth, MixerBlock<TokenHidden, ChannelHidden, Activation>>>, Named<"norm", LayerNorm<>>,
                         MeanPool, Named<"head", Linear<Classes>>>;

// A published size: token hidden width C/2, channel hidden width 4C.
template <int Patch, int Channels, int Depth, class Activation = Gelu, int Classes = 1000>
struct PublishedMixer : MlpMixer<Shape{224, 224, 3}, Patch, Channels, Depth, Channels / 2, 4 * Channels, Activation, Classes> {
  static constexpr Preprocessing preprocessing = mixer_preprocessing;
};

// clang-format off
struct MixerS32 : PublishedMixer<32,  512,  8> { static constexpr std::string_view name = "mixer_s32_224"; };
struct MixerS16 : PublishedMixer<16,  512,  8> { static constexpr std::string_view name = "mixer_s16_224"; };
struct MixerB32 : PublishedMixer<32,  768, 12> { static constexpr std::string_view name = "mixer_b32_224"; };
struct MixerB16 : PublishedMixer<16,  768, 12> { static constexpr std::string_view name = "mixer_b16_224"; };
struct MixerL32 : PublishedMixer<32, 1024, 24> { static constexpr std::string_view name = "mixer_l32_224"; };
struct MixerL16 : PublishedMixer<16, 1024, 24> { static constexpr std::string_view name = "mixer_l16_224"; };
struct MixerH14 : PublishedMixer<14, 1280, 32> { static constexpr std::string_view name = "mixer_h14_224"; };

// As Google trained them, and as its own evaluation prepares images. Accuracies are Google's.
template <int Patch, int Channels, int Depth, int Classes = 1000>
struct GoogleMixer : PublishedMixer<Patch, Channels, Depth, GeluTanh, Classes> {
  static constexpr Preprocessing preprocessing = mixer_flax_preprocessing;
};
struct MixerB16Tanh : GoogleMixer<16,  768, 12> { static constexpr std::string_view name = "mixer_b16_224_tanh"; };
struct MixerL16Tanh : GoogleMixer<16, 1024, 24> { static constexpr std::string_view name = "mixer_l16_224_tanh"; };
struct MixerB16TanhIn1k : MixerB16Tanh { static constexpr std::string_view name = "mixer_b16_224_tanh.goog_in1k"; static constexpr Checkpoint checkpoint{"", "imagenet1k/Mixer-B_16.npz", 76.44}; };
struct MixerL16TanhIn1k : MixerL16Tanh { static constexpr std::string_view name = "mixer_l16_224_tanh.goog_in1k"; static constexpr Checkpoint checkpoint{"", "imagenet1k/Mixer-L_16.npz", 71.76}; };
struct MixerB16TanhIn21k : GoogleMixer<16, 768, 12, 21843> {
  static constexpr std::string_view name = "mixer_b16_224_tanh.goog_in21k";
  static constexpr Checkpoint checkpoint{"", "imagenet21k/Mixer-B_16.npz"};
};
struct MixerL16TanhIn21k : GoogleMixer<16, 1024, 24, 21843> {
  static constexpr std::string_view name = "mixer_l16_224_tanh.goog_in21k";
  static constexpr Checkpoint checkpoint{"", "imagenet21k/Mixer-L_16.npz"};
};

// Google's, with ImageNet-1k (timm's tag says fine-tuned; by its accuracy it is the one trained on ImageNet-1k alone) or 21843 classes,
// and MIIL's. Accuracies are timm's, with the erf GELU.
struct MixerB16In1k : MixerB16 { static constexpr std::string_view name = "mixer_b16_224.goog_in21k_ft_in1k"; static constexpr Checkpoint checkpoint{"mixer_b16_224.goog_in21k_ft_in1k", "imagenet1k/Mixer-B_16.npz", 76.616}; };
struct MixerL16In1k : MixerL16 { static constexpr std::string_view name = "mixer_l16_224.goog_in21k_ft_in1k"; static constexpr Checkpoint checkpoint{"mixer_l16_224.goog_in21k_ft_in1k", "imagenet1k/Mixer-L_16.npz", 72.084}; };
struct MixerB16In21k : PublishedMixer<16, 768, 12, Gelu, 21843> {
  static constexpr std::string_view name = "mixer_b16_224.goog_in21k";
  static constexpr Checkpoint checkpoint{"mixer_b16_224.goog_in21k", "imagenet21k/Mixer-B_16.npz"};
};
struct MixerL16In21k : PublishedMixer<16, 1024, 24, Gelu, 21843> {
  static constexpr std::string_view name = "mixer_l16_224.goog_in21k";
  static constexpr Checkpoint checkpoint{"mixer_l16_224.goog_in21k", "imagenet21k/Mixer-L_16.npz"};
};
struct MixerB16MiilIn21k : PublishedMixer<16, 768, 12, Gelu, 11221> {
  static constexpr std::string_view name = "mixer_b16_224.miil_in21k";
  static constexpr Preprocessing preprocessing = mixer_miil_preprocessing;
  static constexpr Checkpoint checkpoint{"mixer_b16_224.miil_in21k", ""};
};
struct MixerB16MiilIn21kIn1k : MixerB16 {
  static constexpr std::string_view name = "mixer_b16_224.miil_in21k_ft_in1k";
  static constexpr Preprocessing preprocessing = mixer_miil_preprocessing;
  static constexpr Checkpoint checkpoint{"mixer_b16_224.miil_in21k_ft_in1k", "", 82.314};
};
// clang-format on

}  // namespace tessera
