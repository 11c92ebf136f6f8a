// SPDX-License-Identifier: MIT
#pragma once

// ResMLP: a cross-patch linear layer and a feed-forward layer per block, each in a residual branch between an affine and a LayerScale.
// No norm, no attention.
//
//     Z = X + g1 ⊙ A(Aff(X)ᵀ)ᵀ                 cross-patch sub-layer
//     Y = Z + g2 ⊙ fc2(GELU(fc1(Aff(Z))))      cross-channel sub-layer
//
// Touvron et al. 2021, ResMLP: Feedforward networks for image classification with data-efficient training, arXiv:2105.03404, eq. 2-3.
// The residual adds to the un-transformed input. Keys: timm's; the authors' names (patch_embed, attn, mlp, gamma_1) are understood.
// Distilled checkpoints have the same architecture and one head.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/feed_forward.hpp"
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
using ResMlpBlock = Sequential<Residual<Named<"norm1", Affine>, Named<"linear_tokens", AcrossTokens<Linear<>>>, Named<"ls1", LayerScale>>,
                               Residual<Named<"norm2", Affine>, Named<"mlp_channels", FeedForward<Hidden>>, Named<"ls2", LayerScale>>>;

// Patch: the side of a patch in pixels. Channels: the width of a token. Depth: the number of blocks.
template <Shape Image, int Patch, int Channels, int Depth, int Classes>
using ResMlp = Network<Image, Named<"stem", PatchEmbed<Patch, Channels>>, Named<"blocks", Repeat<Depth, ResMlpBlock<4 * Channels>>>,
                       Named<"norm", Affine>, MeanPool, Named<"head", Linear<Classes>>>;

// What all published ResMLPs share: timm's preprocessing (crop ratio 0.875), and the authors' (0.9) through AsAuthors.
template <int Patch, int Channels, int Depth>
struct PublishedResMlp : ResMlp<Shape{224, 224, 3}, Patch, Channels, Depth, 1000> {
  static constexpr Preprocessing preprocessing = imagenet_preprocessing;
  static constexpr Preprocessing authors_preprocessing = imagenet_crop90_preprocessing;
};

// clang-format off
struct ResMlpS12   : PublishedResMlp<16, 384, 12> { static constexpr std::string_view name = "resmlp_12_224"; };
struct ResMlpS24   : PublishedResMlp<16, 384, 24> { static constexpr std::string_view name = "resmlp_24_224"; };
struct ResMlpS36   : PublishedResMlp<16, 384, 36> { static constexpr std::string_view name = "resmlp_36_224"; };
// B24 with patch 16 is in the paper only; every published "B24" checkpoint has patch 8.
struct ResMlpB24   : PublishedResMlp<16, 768, 24> { static constexpr std::string_view name = "resmlp_big_24_patch16_224"; };
struct ResMlpB24P8 : PublishedResMlp<8, 768, 24>  { static constexpr std::string_view name = "resmlp_big_24_224"; };

// ImageNet-1k, trained alone; distilled; DINO (self-supervised: do not rely on its head); ImageNet-22k, then fine-tuned on 1k.
struct ResMlpS12In1k            : ResMlpS12   { static constexpr std::string_view name = "resmlp_12_224.fb_in1k"; static constexpr Checkpoint checkpoint{"resmlp_12_224.fb_in1k", "resmlp_12_no_dist.pth", 76.660}; };
struct ResMlpS24In1k            : ResMlpS24   { static constexpr std::string_view name = "resmlp_24_224.fb_in1k"; static constexpr Checkpoint checkpoint{"resmlp_24_224.fb_in1k", "resmlp_24_no_dist.pth", 79.380}; };
struct ResMlpS36In1k            : ResMlpS36   { static constexpr std::string_view name = "resmlp_36_224.fb_in1k"; static constexpr Checkpoint checkpoint{"resmlp_36_224.fb_in1k", "resmlp_36_no_dist.pth", 79.772}; };
struct ResMlpB24P8In1k          : ResMlpB24P8 { static constexpr std::string_view name = "resmlp_big_24_224.fb_in1k"; static constexpr Checkpoint checkpoint{"resmlp_big_24_224.fb_in1k", "resmlpB_24_no_dist.pth", 81.034}; };
struct ResMlpS12DistilledIn1k   : ResMlpS12   { static constexpr std::string_view name = "resmlp_12_224.fb_distilled_in1k"; static constexpr Checkpoint checkpoint{"resmlp_12_224.fb_distilled_in1k", "resmlp_12_dist.pth", 77.948}; };
struct ResMlpS24DistilledIn1k   : ResMlpS24   { static constexpr std::string_view name = "resmlp_24_224.fb_distilled_in1k"; static constexpr Checkpoint checkpoint{"resmlp_24_224.fb_distilled_in1k", "resmlp_24_dist.pth", 80.766}; };
struct ResMlpS36DistilledIn1k   : ResMlpS36   { static constexpr std::string_view name = "resmlp_36_224.fb_distilled_in1k"; static constexpr Checkpoint checkpoint{"resmlp_36_224.fb_distilled_in1k", "resmlp_36_dist.pth", 81.150}; };
struct ResMlpB24P8DistilledIn1k : ResMlpB24P8 { static constexpr std::string_view name = "resmlp_big_24_224.fb_distilled_in1k"; static constexpr Checkpoint checkpoint{"resmlp_big_24_224.fb_distilled_in1k", "resmlpB_24_dist.pth", 83.594}; };
struct ResMlpB24P8In22kIn1k     : ResMlpB24P8 { static constexpr std::string_view name = "resmlp_big_24_224.fb_in22k_ft_in1k"; static constexpr Checkpoint checkpoint{"resmlp_big_24_224.fb_in22k_ft_in1k", "resmlpB_24_22k.pth", 84.414}; };
struct ResMlpS12Dino            : ResMlpS12   { static constexpr std::string_view name = "resmlp_12_224.fb_dino"; static constexpr Checkpoint checkpoint{"resmlp_12_224.fb_dino", "resmlp_12_dino.pth"}; };
struct ResMlpS24Dino            : ResMlpS24   { static constexpr std::string_view name = "resmlp_24_224.fb_dino"; static constexpr Checkpoint checkpoint{"resmlp_24_224.fb_dino", "resmlp_24_dino.pth"}; };
// clang-format on

}  // namespace tessera
