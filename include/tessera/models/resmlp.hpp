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

#include "tessera/layers/affine.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/patch_embed.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"

namespace tessera {

template <int Hidden>
using ResMlpBlock = Sequential<
    Residual<Named<"norm1", Affine>, Named<"linear_tokens", AcrossTokens<Linear<>>>, Named<"ls1", LayerScale>>,
    Residual<Named<"norm2", Affine>, Named<"mlp_channels", FeedForward<Hidden>>, Named<"ls2", LayerScale>>>;

template <Shape Image, int Patch, int Channels, int Depth, int Classes>
using ResMlp = Network<Image,
    Named<"stem", PatchEmbed<Patch, Channels>>,
    Named<"blocks", Repeat<Depth, ResMlpBlock<4 * Channels>>>,
    Named<"norm", Affine>, MeanPool, Named<"head", Linear<Classes>>>;

// clang-format off
struct ResMlpS12  : ResMlp<Shape{224, 224, 3}, 16, 384, 12, 1000> { static constexpr auto name = "resmlp_12_224"; };
struct ResMlpS24  : ResMlp<Shape{224, 224, 3}, 16, 384, 24, 1000> { static constexpr auto name = "resmlp_24_224"; };
struct ResMlpS36  : ResMlp<Shape{224, 224, 3}, 16, 384, 36, 1000> { static constexpr auto name = "resmlp_36_224"; };
// B24 with patch 16 is in the paper only; the published "B24" checkpoints all have patch 8.
struct ResMlpB24  : ResMlp<Shape{224, 224, 3}, 16, 768, 24, 1000> { static constexpr auto name = "resmlp_big_24_224_patch16"; };
struct ResMlpB24P8 : ResMlp<Shape{224, 224, 3}, 8, 768, 24, 1000> { static constexpr auto name = "resmlp_big_24_224"; };
// clang-format on

}  // namespace tessera
