// SPDX-License-Identifier: MIT
//
// forward/variation_<what>/...: a network of ordinary blocks for images of 224×224, in which one thing is written as no published network
// has it.

#include "forward.hpp"
#include "register_networks.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/attention.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/patch_embed.hpp"

using namespace tessera;

namespace {

// Twelve blocks of 512 channels over 14×14 tokens.
template <class... Block>
using Variation = Network<Shape{224, 224, 3}, PatchEmbed<16, 512>, Repeat<12, Sequential<Block...>>, LayerNorm<>, MeanPool, Linear<1000>>;
using Channels = Residual<LayerNorm<>, FeedForward<2048>>;
using Tokens = Residual<LayerNorm<>, AcrossTokens<FeedForward<256>>>;

// What the others are compared with: as in MLP-Mixer.
struct Usual : Variation<Tokens, Channels> {
  static constexpr std::string_view name = "variation_none";
};
struct LinearOverTokens : Variation<Residual<LayerNorm<>, AcrossTokens<Linear<>>>, Channels> {
  static constexpr std::string_view name = "variation_linear_over_tokens";
};
struct LayersOverTokens : Variation<Residual<LayerNorm<>, AcrossTokens<Sequential<Linear<>, Gelu, Linear<>>>>, Channels> {
  static constexpr std::string_view name = "variation_layers_over_tokens";
};
struct TokensWithoutNorm : Variation<Residual<AcrossTokens<FeedForward<256>>>, Channels> {
  static constexpr std::string_view name = "variation_tokens_without_norm";
};
struct AttentionWithoutNorm : Variation<Residual<Attention<8>>, Channels> {
  static constexpr std::string_view name = "variation_attention_without_norm";
};
struct LoneLayers : Variation<Residual<BatchNorm, AcrossTokens<FeedForward<256>>, LayerScale>, Affine, Channels, Gelu> {
  static constexpr std::string_view name = "variation_lone_layers";
};
struct LinearLayers : Variation<Tokens, Residual<LayerNorm<>, Linear<2048>, Gelu, Linear<512>>> {
  static constexpr std::string_view name = "variation_linear_layers";
};
struct Gates : Variation<Tokens, Residual<LayerNorm<>, Linear<2048>, Gated<Silu>, Linear<512>>> {
  static constexpr std::string_view name = "variation_gates";
};
struct Groups : Variation<Tokens, Residual<GroupNorm<32>, FeedForward<2048>>> {
  static constexpr std::string_view name = "variation_groups";
};
struct Wide5 : Variation<Residual<DepthwiseConvolution<5>>, Channels> {
  static constexpr std::string_view name = "variation_depthwise_5x5";
};
struct Wide7 : Variation<Residual<LayerNorm<>, DepthwiseConvolution<7>>, Channels> {
  static constexpr std::string_view name = "variation_depthwise_7x7";
};

template <class... N>
void register_all() {
  static_assert((Model<N>::reference_layers.empty() && ...));
  (bench::register_forward<N, fast_engine>(), ...);
}

}  // namespace

void bench::register_variations() {
  register_all<Usual, LinearOverTokens, LayersOverTokens, TokensWithoutNorm, AttentionWithoutNorm, LoneLayers, LinearLayers, Gates, Groups,
               Wide5, Wide7>();
}
