// SPDX-License-Identifier: MIT
#pragma once

// SPACH: a block with one of three spatial functions F (none, an MLP over tokens, or self-attention), a depthwise convolution parallel to
// it, and then an MLP over channels. A network has one stage or four.
//
//     Y = X + gamma ⊙ F(LN(X)) + DW(X)         both branches read the block's input; the convolution's is not normalised
//     Z = Y + W2 σ(W1 LN(Y))                   no LayerScale here
//
// Zhao et al. 2021, A Battle of Network Structures: An Empirical Study of CNN, Transformer, and MLP, arXiv:2108.13002, fig. 2, tables 1-2.
// The paper's eq. 1 has the two lines in the other order; its text, its figure and the code agree on this one. gamma is in the code only.
// Keys: the authors'. Stages 2-4 begin with a down-sampling, layerS.0; their blocks are numbered from 1.
// Names of sizes: Conv, MLP and Trans in the paper are conv, mlp and attn in the code; MS is multi-stage; "+" is the deep stem.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/attention.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/patch_embed.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/layers/shared.hpp"
#include "tessera/models/checkpoint.hpp"

namespace tessera {

enum class SpachStem { conv1, conv4 };

// The options of the authors' constructor, with its defaults where the published models agree.
struct SpachOptions {
  int heads = 12;          // the same in all stages, so heads grow wider from stage to stage
  Real channel_ratio = 2;  // hidden width of the channel MLP: int(ratio · channels)
  Real token_ratio = 0.5;  // hidden width of the token MLP: int(ratio · tokens)
  SpachStem stem = SpachStem::conv1;
  bool scaled = true;                // gamma
  bool cpe = true;                   // the depthwise convolution ("conditional position encoding")
  bool shared_spatial_func = false;  // one spatial function for all blocks of a stage
  Bias qkv_bias = Bias::per_channel;
};

// Count blocks with one kind of spatial function: none, an MLP over tokens, or self-attention. A stage is a list of them.
template <int Count>
struct SpachPass {
  // How many blocks.
  static constexpr int count = Count;
};
template <int Count>
struct SpachMlp : SpachPass<Count> {};
template <int Count>
struct SpachAttn : SpachPass<Count> {};
template <class... Runs>
struct SpachStage {};

namespace detail {

constexpr int truncated(Real ratio, int width) { return static_cast<int>(ratio.value() * width); }

template <SpachOptions O, class F>
struct SpachSpatial {
  using Norm = Named<"norm1", LayerNorm<>>;
  using Function = Named<"spatial_func", std::conditional_t<O.shared_spatial_func, Shared<F>, F>>;
  using Gamma = Named<"gamma_1", LeadingAxes<2, LayerScale>>;
  using Convolution = Named<"cpe_net.net.1", DepthwiseConvolution<>>;
  template <class... Branch>
  using With = std::conditional_t<O.cpe, Residual<Parallel<Sequential<Branch...>, Convolution>>, Residual<Branch...>>;
  using type = std::conditional_t<O.scaled, With<Norm, Function, Gamma>, With<Norm, Function>>;
};

// A block on this grid: Run says which spatial function.
template <SpachOptions O, Shape Grid, class Run>
struct SpachBlock;
template <SpachOptions O, Shape Grid>
using SpachChannels = Residual<Named<"norm2", LayerNorm<>>, Named<"channel_func", FeedForward<truncated(O.channel_ratio, Grid.channels)>>>;
template <SpachOptions O, Shape Grid, int Count>
struct SpachBlock<O, Grid, SpachPass<Count>> {
  using type = std::conditional_t<O.cpe, Sequential<Residual<Named<"cpe_net.net.1", DepthwiseConvolution<>>>, SpachChannels<O, Grid>>,
                                  SpachChannels<O, Grid>>;
};
template <SpachOptions O, Shape Grid, int Count>
struct SpachBlock<O, Grid, SpachMlp<Count>> {
  static constexpr int tokens = Grid.height * Grid.width;
  static_assert(truncated(O.token_ratio, tokens) > 0, "Spach: the token MLP must have a hidden width; this grid has too few tokens");
  using Function = AcrossTokens<FeedForward<truncated(O.token_ratio, tokens)>>;
  using type = Sequential<typename SpachSpatial<O, Function>::type, SpachChannels<O, Grid>>;
};
template <SpachOptions O, Shape Grid, int Count>
struct SpachBlock<O, Grid, SpachAttn<Count>> {
  using type = Sequential<typename SpachSpatial<O, Attention<O.heads, O.qkv_bias>>::type, SpachChannels<O, Grid>>;
};

// Done, followed by the blocks of a stage, numbered from First.
template <SpachOptions O, Shape Grid, int First, class Done, class... Runs>
struct SpachBlocks;
template <SpachOptions O, Shape Grid, int First, class... Done>
struct SpachBlocks<O, Grid, First, Sequential<Done...>> {
  using type = Sequential<Done...>;
};
template <SpachOptions O, Shape Grid, int First, class... Done, class Run, class... Runs>
struct SpachBlocks<O, Grid, First, Sequential<Done...>, Run, Runs...>
    : SpachBlocks<O, Grid, First + Run::count, Sequential<Done..., Repeat<Run::count, typename SpachBlock<O, Grid, Run>::type, First>>,
                  Runs...> {};

template <int Channels>
using SpachDownSampling = Named<"net.1", Sequential<Named<"0", Convolution<Channels, 2, 2, 0, Bias::none>>, Named<"1", GroupNorm<>>>>;

// Stage 1, 2, 3 or 4, on grids of half the size and twice the channels each.
template <SpachOptions O, Shape Tokens, int Number, class Stage>
struct SpachStageLayers;
template <SpachOptions O, Shape Tokens, int Number, class... Runs>
struct SpachStageLayers<O, Tokens, Number, SpachStage<Runs...>> {
  static_assert(!O.shared_spatial_func || sizeof...(Runs) == 1, "Spach: a shared spatial function needs blocks of one kind in each stage");
  static constexpr int part = 1 << (Number - 1);
  static constexpr Shape grid{Tokens.height / part, Tokens.width / part, Tokens.channels* part};
  using Before = std::conditional_t<Number == 1, Sequential<>, Sequential<Named<"0", SpachDownSampling<grid.channels>>>>;
  using type = typename SpachBlocks<O, grid, Number == 1 ? 0 : 1, Before, Runs...>::type;
};

template <SpachStem Stem, int Patch, int Channels>
struct SpachStemLayers {
  using type = PatchEmbed<Patch, Channels>;
};
template <int Patch, int Channels>
struct SpachStemLayers<SpachStem::conv4, Patch, Channels> {
  static_assert(Patch % 2 == 0, "Spach: the deep stem needs an even patch size");
  using type = Named<"proj", Sequential<Named<"0", Convolution<64, 7, 2, 3, Bias::none>>, Named<"1", BatchNorm>, Relu,
                                        Named<"3", Convolution<64, 3, 1, 1, Bias::none>>, Named<"4", BatchNorm>, Relu,
                                        Named<"6", Convolution<64, 3, 1, 1, Bias::none>>, Named<"7", BatchNorm>, Relu,
                                        Named<"9", Convolution<Channels, Patch / 2, Patch / 2>>>>;
};

template <Shape Image, int Patch, int Channels>
inline constexpr Shape spach_tokens{Image.height / Patch, Image.width / Patch, Channels};

}  // namespace detail

// One stage: Spach<Shape{224, 224, 3}, 16, 384, SpachOptions{.channel_ratio = 2}, 1000, SpachMlp<12>>.
template <Shape Image, int Patch, int Channels, SpachOptions Options, int Classes, class... Runs>
using Spach = Network<
    Image, Named<"stem", typename detail::SpachStemLayers<Options.stem, Patch, Channels>::type>, Named<"norm1", LayerNorm<>>,
    Named<"blocks", typename detail::SpachStageLayers<Options, detail::spach_tokens<Image, Patch, Channels>, 1, SpachStage<Runs...>>::type>,
    Named<"norm2", LayerNorm<>>, MeanPool, Named<"head", Linear<Classes>>>;

// Four stages: SpachMs<Shape{224, 224, 3}, 4, 64, SpachOptions{.heads = 2}, 1000, SpachStage<SpachPass<2>>, SpachStage<SpachMlp<2>>, ...>.
template <Shape Image, int Patch, int Channels, SpachOptions Options, int Classes, class Stage1, class Stage2, class Stage3, class Stage4>
using SpachMs =
    Network<Image, Named<"stem", typename detail::SpachStemLayers<Options.stem, Patch, Channels>::type>, Named<"norm1", LayerNorm<>>,
            Named<"layer1", typename detail::SpachStageLayers<Options, detail::spach_tokens<Image, Patch, Channels>, 1, Stage1>::type>,
            Named<"layer2", typename detail::SpachStageLayers<Options, detail::spach_tokens<Image, Patch, Channels>, 2, Stage2>::type>,
            Named<"layer3", typename detail::SpachStageLayers<Options, detail::spach_tokens<Image, Patch, Channels>, 3, Stage3>::type>,
            Named<"layer4", typename detail::SpachStageLayers<Options, detail::spach_tokens<Image, Patch, Channels>, 4, Stage4>::type>,
            Named<"norm2", LayerNorm<>>, MeanPool, Named<"head", Linear<Classes>>>;

// clang-format off
template <int Channels, SpachOptions Options, class... Runs>
struct PublishedSpach : Spach<Shape{224, 224, 3}, 16, Channels, Options, 1000, Runs...> {
  static constexpr Preprocessing preprocessing = imagenet_preprocessing;
};

struct SpachXxsConv : PublishedSpach<384, SpachOptions{}, SpachPass<12>>              { static constexpr std::string_view name = "spach_xxs_patch16_224_conv"; };
struct SpachXxsMlp  : PublishedSpach<384, SpachOptions{}, SpachMlp<12>>               { static constexpr std::string_view name = "spach_xxs_patch16_224_mlp"; };
struct SpachXxsAttn : PublishedSpach<192, SpachOptions{.heads = 6}, SpachAttn<12>>    { static constexpr std::string_view name = "spach_xxs_patch16_224_attn"; };
struct SpachXsConv  : PublishedSpach<384, SpachOptions{}, SpachPass<24>>              { static constexpr std::string_view name = "spach_xs_patch16_224_conv"; };
struct SpachXsMlp   : PublishedSpach<384, SpachOptions{}, SpachMlp<24>>               { static constexpr std::string_view name = "spach_xs_patch16_224_mlp"; };
struct SpachXsAttn  : PublishedSpach<384, SpachOptions{}, SpachAttn<12>>              { static constexpr std::string_view name = "spach_xs_patch16_224_attn"; };
struct SpachSConv   : PublishedSpach<512, SpachOptions{.channel_ratio = 3}, SpachPass<24>>              { static constexpr std::string_view name = "spach_s_patch16_224_conv"; };
struct SpachSMlp    : PublishedSpach<512, SpachOptions{.channel_ratio = 3}, SpachMlp<24>>               { static constexpr std::string_view name = "spach_s_patch16_224_mlp"; };
struct SpachSAttn   : PublishedSpach<512, SpachOptions{.heads = 16, .channel_ratio = 3}, SpachAttn<12>> { static constexpr std::string_view name = "spach_s_patch16_224_attn"; };
// MLP-S+Shared
struct SpachSMlpShared : PublishedSpach<512, SpachOptions{.channel_ratio = 3, .shared_spatial_func = true}, SpachMlp<24>> { static constexpr std::string_view name = "spach_s_patch16_224_mlp_shared"; };

template <int Channels, SpachOptions Options, class Stage1, class Stage2, class Stage3, class Stage4>
struct PublishedSpachMs : SpachMs<Shape{224, 224, 3}, 4, Channels, Options, 1000, Stage1, Stage2, Stage3, Stage4> {
  static constexpr Preprocessing preprocessing = imagenet_preprocessing;
};
namespace detail {
// The same spatial function in stages 2-4, none in stage 1.
template <int Channels, SpachOptions Options, template <int> class Run, int N1, int N2, int N3, int N4>
using UniformSpachMs = PublishedSpachMs<Channels, Options, SpachStage<SpachPass<N1>>, SpachStage<Run<N2>>, SpachStage<Run<N3>>, SpachStage<Run<N4>>>;
template <SpachOptions Options>
using HybridMsXs = PublishedSpachMs<96, Options, SpachStage<SpachPass<3>>, SpachStage<SpachPass<4>>,
                                    SpachStage<SpachPass<2>, SpachAttn<10>>, SpachStage<SpachPass<1>, SpachAttn<2>>>;
template <SpachOptions Options>
using HybridMsS = PublishedSpachMs<128, Options, SpachStage<SpachPass<3>>, SpachStage<SpachPass<2>, SpachAttn<2>>,
                                   SpachStage<SpachPass<2>, SpachAttn<10>>, SpachStage<SpachPass<1>, SpachAttn<2>>>;
}  // namespace detail

struct SpachMsXxsConv : detail::UniformSpachMs<64, SpachOptions{.heads = 2}, SpachPass, 2, 2, 6, 2>  { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_conv"; };
struct SpachMsXxsMlp  : detail::UniformSpachMs<64, SpachOptions{.heads = 2}, SpachMlp, 2, 2, 6, 2>   { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_mlp"; };
struct SpachMsXxsAttn : detail::UniformSpachMs<32, SpachOptions{.heads = 1}, SpachAttn, 2, 2, 6, 2>  { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_attn"; };
struct SpachMsXsConv  : detail::UniformSpachMs<96, SpachOptions{.heads = 3}, SpachPass, 3, 4, 12, 3> { static constexpr std::string_view name = "spach_ms_xs_patch4_224_conv"; };
struct SpachMsXsMlp   : detail::UniformSpachMs<96, SpachOptions{.heads = 3}, SpachMlp, 3, 4, 12, 3>  { static constexpr std::string_view name = "spach_ms_xs_patch4_224_mlp"; };
struct SpachMsXsAttn  : detail::UniformSpachMs<64, SpachOptions{.heads = 2}, SpachAttn, 3, 4, 12, 3> { static constexpr std::string_view name = "spach_ms_xs_patch4_224_attn"; };
struct SpachMsSConv   : detail::UniformSpachMs<128, SpachOptions{.heads = 4, .channel_ratio = 3}, SpachPass, 3, 4, 12, 3> { static constexpr std::string_view name = "spach_ms_s_patch4_224_conv"; };
struct SpachMsSMlp    : detail::UniformSpachMs<128, SpachOptions{.heads = 4, .channel_ratio = 3}, SpachMlp, 3, 4, 12, 3>  { static constexpr std::string_view name = "spach_ms_s_patch4_224_mlp"; };
struct SpachMsSAttn   : detail::UniformSpachMs<96, SpachOptions{.heads = 3, .channel_ratio = 3}, SpachAttn, 3, 4, 12, 3>  { static constexpr std::string_view name = "spach_ms_s_patch4_224_attn"; };
// MLP-MS-S+Shared
struct SpachMsSMlpShared : detail::UniformSpachMs<128, SpachOptions{.heads = 4, .channel_ratio = 3, .shared_spatial_func = true}, SpachMlp, 3, 4, 12, 3> { static constexpr std::string_view name = "spach_ms_s_patch4_224_mlp_shared"; };
// Hybrid-MS-XS, Hybrid-MS-S, and with the deep stem Hybrid-MS-XS+, Hybrid-MS-S+
struct SpachMsXsHybrid     : detail::HybridMsXs<SpachOptions{.heads = 3}> { static constexpr std::string_view name = "spach_ms_xs_patch4_224_hybrid"; };
struct SpachMsXsHybridPlus : detail::HybridMsXs<SpachOptions{.heads = 3, .stem = SpachStem::conv4}> { static constexpr std::string_view name = "spach_ms_xs_patch4_224_hybrid_conv4"; };
struct SpachMsSHybrid      : detail::HybridMsS<SpachOptions{.heads = 4, .channel_ratio = 3}> { static constexpr std::string_view name = "spach_ms_s_patch4_224_hybrid"; };
struct SpachMsSHybridPlus  : detail::HybridMsS<SpachOptions{.heads = 4, .channel_ratio = 3, .stem = SpachStem::conv4}> { static constexpr std::string_view name = "spach_ms_s_patch4_224_hybrid_conv4"; };

// The released files, github.com/microsoft/SPACH/releases, and the top-1 of the authors' README.
struct SpachMsXxsConvIn1k : SpachMsXxsConv { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_conv.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_conv_xxs.pth", 73.1}; };
struct SpachMsXxsMlpIn1k  : SpachMsXxsMlp  { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_mlp.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_mlp_xxs.pth", 74.5}; };
struct SpachMsXxsAttnIn1k : SpachMsXxsAttn { static constexpr std::string_view name = "spach_ms_xxs_patch4_224_attn.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_trans_xxs.pth", 65.4}; };
struct SpachMsSConvIn1k   : SpachMsSConv   { static constexpr std::string_view name = "spach_ms_s_patch4_224_conv.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_conv_s.pth", 81.6}; };
struct SpachMsSMlpIn1k    : SpachMsSMlp    { static constexpr std::string_view name = "spach_ms_s_patch4_224_mlp.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_mlp_s.pth", 82.1}; };
struct SpachMsSAttnIn1k   : SpachMsSAttn   { static constexpr std::string_view name = "spach_ms_s_patch4_224_attn.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_trans_s.pth", 82.9}; };
struct SpachMsSHybridIn1k     : SpachMsSHybrid     { static constexpr std::string_view name = "spach_ms_s_patch4_224_hybrid.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_hybrid_s.pth", 83.658}; };
struct SpachMsSHybridPlusIn1k : SpachMsSHybridPlus { static constexpr std::string_view name = "spach_ms_s_patch4_224_hybrid_conv4.in1k"; static constexpr Checkpoint checkpoint{"", "spach_ms_hybrid_s+.pth", 83.9}; };
// clang-format on

}  // namespace tessera
