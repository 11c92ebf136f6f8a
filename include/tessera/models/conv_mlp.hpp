// SPDX-License-Identifier: MIT
#pragma once

// ConvMLP: a convolutional tokenizer and convolution stage, then three stages of channel MLPs that are connected in space by a depthwise
// convolution only. So any image size will do, and the maps between the stages serve as a feature pyramid.
//
//     X = X + MLP1(LN1(X))        MLP: Linear, GELU, Linear, the same for every position
//     X = DWConv(LN(X))           3×3, no bias and no skip connection: it replaces X
//     X = X + MLP2(LN2(X))
//
// Li et al. 2021, ConvMLP: Hierarchical Convolutional MLPs for Vision, arXiv:2109.04454, section 3 and table 1.
// LayerNorm's ε is 1e-5. In the convolution stage the last ReLU is inside the residual branch, and nothing follows the sum.
// Down-sampling convolutions have a bias, no norm and no activation. Keys: SHI-Labs'.

#include <array>
#include <string_view>

#include "tessera/layers/activation.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/models/checkpoint.hpp"

namespace tessera {

// Convolution without bias, batch norm, ReLU, named as members of a PyTorch Sequential.
template <Name Conv, Name Norm, int Channels, int Kernel, int Stride = 1>
using ConvNormRelu = Sequential<Named<Conv, Convolution<Channels, Kernel, Stride, Kernel / 2, Bias::none>>, Named<Norm, BatchNorm>, Relu>;

// Image to tokens: a quarter of each side.
template <int Channels>
using ConvMlpTokenizer =
    Sequential<ConvNormRelu<"block.0", "block.1", Channels / 2, 3, 2>, ConvNormRelu<"block.3", "block.4", Channels / 2, 3>,
               ConvNormRelu<"block.6", "block.7", Channels, 3>, MaxPool<3, 2, 1>>;

template <int Channels, int Width>
using ConvMlpConvBlock = Residual<ConvNormRelu<"0", "1", Width, 1>, ConvNormRelu<"3", "4", Width, 3>, ConvNormRelu<"6", "7", Channels, 1>>;

// Half of each side.
template <int Width>
using ConvMlpDownsample = Convolution<Width, 3, 2, 1>;

template <int Hidden>
using ConvMlpBlock = Sequential<Residual<Named<"norm1", LayerNorm<1e-5>>, Named<"channel_mlp1", FeedForward<Hidden>>>,
                                Named<"connect_norm", LayerNorm<1e-5>>, Named<"connect", DepthwiseConvolution<3, Bias::none>>,
                                Residual<Named<"norm2", LayerNorm<1e-5>>, Named<"channel_mlp2", FeedForward<Hidden>>>>;

// The sizes of one stage: ConvMlpStage<blocks, width, hidden width of the MLPs>.
template <int Blocks, int Width, int Hidden>
struct ConvMlpStage {
  // Channels.
  static constexpr int width = Width;
  // Its blocks.
  using Layers = Named<"blocks", Repeat<Blocks, ConvMlpBlock<Hidden>>>;
};

namespace detail {

// stages.0, stages.1, ...
template <int Index>
constexpr Name<9> stage_name() {
  static_assert(Index < 10, "ConvMlp: at most ten stages can be named");
  Name<9> name("stages.0");
  name.text[7] = static_cast<char>('0' + Index);
  return name;
}

// The stages one after another; each but the last ends with a down-sampling to the width of the next.
template <int Index, class Stage, class... Rest>
struct ConvMlpStages {
  using type = Named<stage_name<Index>(), Sequential<typename Stage::Layers>>;
};
template <int Index, class Stage, class Next, class... Rest>
struct ConvMlpStages<Index, Stage, Next, Rest...> {
  using type = Sequential<
      Named<stage_name<Index>(), Sequential<typename Stage::Layers, Named<"downsample_mlp.downsample", ConvMlpDownsample<Next::width>>>>,
      typename ConvMlpStages<Index + 1, Next, Rest...>::type>;
};

template <int Channels, int ConvBlocks, class First, class... Rest>
using ConvMlpTrunk =
    Sequential<Named<"tokenizer", ConvMlpTokenizer<Channels>>,
               Named<"conv_stages", Sequential<Named<"conv_blocks", Repeat<ConvBlocks, ConvMlpConvBlock<Channels, First::width>>>,
                                               Named<"downsample", ConvMlpDownsample<First::width>>>>,
               typename ConvMlpStages<0, First, Rest...>::type>;

}  // namespace detail

template <Shape Image, int Classes, int Channels, int ConvBlocks, class First, class... Rest>
using ConvMlp = Network<Image, detail::ConvMlpTrunk<Channels, ConvBlocks, First, Rest...>, Named<"norm", LayerNorm<1e-5>>, MeanPool,
                        Named<"head", Linear<Classes>>>;

// Without the classifier, for detection and segmentation. Its result is the last map of the pyramid; all four, with 1/4, 1/8, 1/16 and
// 1/32 of the image's sides, are given by pyramid(model, image). The third is the first stage's output after its down-sampling, and the
// second stage is skipped, as in the authors' code.
template <Shape Image, int Channels, int ConvBlocks, class First, class... Rest>
struct ConvMlpBackbone : Network<Image, detail::ConvMlpTrunk<Channels, ConvBlocks, First, Rest...>> {
  // The names of the four maps.
  static constexpr std::array<std::string_view, 4> pyramid{"tokenizer", "conv_stages", "stages.0", "stages.2"};
  // A checkpoint's classifier, and other parts of a detector, may be left over.
  static constexpr std::array<std::string_view, 3> may_ignore{"norm.", "head.", "neck."};
};

// The sizes of one variant, with or without the classifier.
template <int Channels, int ConvBlocks, class First, class... Rest>
struct ConvMlpSizes {
  // With a head.
  template <Shape Image, int Classes>
  using Classifier = ConvMlp<Image, Classes, Channels, ConvBlocks, First, Rest...>;
  // Without.
  template <Shape Image>
  using Backbone = ConvMlpBackbone<Image, Channels, ConvBlocks, First, Rest...>;
};

namespace detail {
template <class N>
struct PublishedConvMlp : N {
  static constexpr Preprocessing preprocessing = imagenet_crop90_preprocessing;
};
}  // namespace detail

// clang-format off
using ConvMlpSmall  = ConvMlpSizes<64, 2, ConvMlpStage<2, 128, 256>, ConvMlpStage<4, 256,  512>, ConvMlpStage<2, 512, 1024>>;
using ConvMlpMedium = ConvMlpSizes<64, 3, ConvMlpStage<3, 128, 384>, ConvMlpStage<6, 256,  768>, ConvMlpStage<3, 512, 1536>>;
using ConvMlpLarge  = ConvMlpSizes<96, 3, ConvMlpStage<4, 192, 576>, ConvMlpStage<8, 384, 1152>, ConvMlpStage<3, 768, 2304>>;

// As trained on ImageNet.
struct ConvMlpS : detail::PublishedConvMlp<ConvMlpSmall::Classifier<Shape{224, 224, 3}, 1000>>  { static constexpr std::string_view name = "convmlp_s"; };
struct ConvMlpM : detail::PublishedConvMlp<ConvMlpMedium::Classifier<Shape{224, 224, 3}, 1000>> { static constexpr std::string_view name = "convmlp_m"; };
struct ConvMlpL : detail::PublishedConvMlp<ConvMlpLarge::Classifier<Shape{224, 224, 3}, 1000>>  { static constexpr std::string_view name = "convmlp_l"; };

struct ConvMlpSIn1k : ConvMlpS { static constexpr std::string_view name = "convmlp_s.in1k"; static constexpr Checkpoint checkpoint{"", "convmlp_s_imagenet.pth", 76.8}; };
struct ConvMlpMIn1k : ConvMlpM { static constexpr std::string_view name = "convmlp_m.in1k"; static constexpr Checkpoint checkpoint{"", "convmlp_m_imagenet.pth", 79.0}; };
struct ConvMlpLIn1k : ConvMlpL { static constexpr std::string_view name = "convmlp_l.in1k"; static constexpr Checkpoint checkpoint{"", "convmlp_l_imagenet.pth", 80.2}; };

// For images of any size; WithImage<ConvMlpS, any_rgb> (models/with_image.hpp) is the classifier for them.
struct ConvMlpSBackbone : detail::PublishedConvMlp<ConvMlpSmall::Backbone<any_rgb>>  { static constexpr std::string_view name = "convmlp_s_backbone"; };
struct ConvMlpMBackbone : detail::PublishedConvMlp<ConvMlpMedium::Backbone<any_rgb>> { static constexpr std::string_view name = "convmlp_m_backbone"; };
struct ConvMlpLBackbone : detail::PublishedConvMlp<ConvMlpLarge::Backbone<any_rgb>>  { static constexpr std::string_view name = "convmlp_l_backbone"; };

// Fine-tuned on smaller data sets, whose images are enlarged to 224×224. A network is called like the authors' file without ".pth".
template <class Sizes, int Classes, const Preprocessing& Images, Name File, Real Top1>
struct ConvMlpFineTuned : Sizes::template Classifier<Shape{224, 224, 3}, Classes> {
  static constexpr std::string_view name = File.view().substr(0, File.view().size() - 4);
  static constexpr Preprocessing preprocessing = Images;
  static constexpr Checkpoint checkpoint{"", File.view(), Top1.value()};
};
template <class Sizes, Name File, Real Top1>
using ConvMlpOnCifar10 = ConvMlpFineTuned<Sizes, 10, cifar10_preprocessing, File, Top1>;
template <class Sizes, Name File, Real Top1>
using ConvMlpOnCifar100 = ConvMlpFineTuned<Sizes, 100, cifar100_preprocessing, File, Top1>;
template <class Sizes, Name File, Real Top1>
using ConvMlpOnFlowers102 = ConvMlpFineTuned<Sizes, 102, flowers102_preprocessing, File, Top1>;

struct ConvMlpSCifar10    : ConvMlpOnCifar10<ConvMlpSmall,  "convmlp_s_cifar10.pth", 98.0> {};
struct ConvMlpMCifar10    : ConvMlpOnCifar10<ConvMlpMedium, "convmlp_m_cifar10.pth", 98.6> {};
struct ConvMlpLCifar10    : ConvMlpOnCifar10<ConvMlpLarge,  "convmlp_l_cifar10.pth", 98.6> {};
struct ConvMlpSCifar100   : ConvMlpOnCifar100<ConvMlpSmall,  "convmlp_s_cifar100.pth", 87.4> {};
struct ConvMlpMCifar100   : ConvMlpOnCifar100<ConvMlpMedium, "convmlp_m_cifar100.pth", 89.1> {};
struct ConvMlpLCifar100   : ConvMlpOnCifar100<ConvMlpLarge,  "convmlp_l_cifar100.pth", 88.6> {};
struct ConvMlpSFlowers102 : ConvMlpOnFlowers102<ConvMlpSmall,  "convmlp_s_flowers102.pth", 99.5> {};
struct ConvMlpMFlowers102 : ConvMlpOnFlowers102<ConvMlpMedium, "convmlp_m_flowers102.pth", 99.5> {};
struct ConvMlpLFlowers102 : ConvMlpOnFlowers102<ConvMlpLarge,  "convmlp_l_flowers102.pth", 99.5> {};
// clang-format on

}  // namespace tessera
