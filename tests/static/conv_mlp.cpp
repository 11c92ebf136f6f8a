// SPDX-License-Identifier: MIT
#include "tessera/models/conv_mlp.hpp"

#include "tessera/engine/model.hpp"
#include "tessera/models/with_image.hpp"

using namespace tessera;

using AnySize = WithImage<ConvMlpS, any_rgb>;

// Counted on the authors' code.
static_assert(ConvMlpS::parameter_count == 9'022'920 && ConvMlpS::macs == 2'385'327'104);
static_assert(ConvMlpM::parameter_count == 17'410'504 && ConvMlpM::macs == 3'928'765'952);
static_assert(ConvMlpL::parameter_count == 42'728'440 && ConvMlpL::macs == 9'869'797'632);
static_assert(ConvMlpSBackbone::parameter_count == 8'508'896 && ConvMlpSBackbone::macs_at({256, 320, 3}) == 3'893'575'680);
static_assert(ConvMlpMBackbone::parameter_count == 16'896'480 && ConvMlpMBackbone::macs_at({256, 320, 3}) == 6'413'475'840);
static_assert(ConvMlpLBackbone::parameter_count == 41'957'904 && ConvMlpLBackbone::macs_at({256, 320, 3}) == 16'112'701'440);
static_assert(AnySize::parameter_count == ConvMlpS::parameter_count && AnySize::macs_at({224, 224, 3}) == ConvMlpS::macs);
static_assert(AnySize::macs_at({201, 173, 3}) == 1'749'273'632 && ConvMlpSBackbone::macs_at({201, 173, 3}) == 1'748'761'632);
static_assert(ConvMlpSFlowers102::parameter_count == 8'562'246 && ConvMlpMFlowers102::parameter_count == 16'949'830);
static_assert(ConvMlpMCifar100::preprocessing == cifar100_preprocessing && ConvMlpMCifar100::output.channels == 100);
static_assert(ConvMlpLFlowers102::checkpoint.file == "convmlp_l_flowers102.pth");

static_assert(ConvMlpS::input == Shape{224, 224, 3} && ConvMlpS::output == Shape{1, 1, 1000});
static_assert(AnySize::output == Shape{1, 1, 1000});
static_assert(ConvMlpSBackbone::output == Shape{Dynamic, Dynamic, 512});
static_assert(Model<ConvMlpSBackbone>::output_shape({201, 173, 3}) == Shape{7, 6, 512});
static_assert(ConvMlpS::preprocessing == imagenet_crop90_preprocessing);
static_assert(Model<ConvMlpS>::scratch_bytes() == Model<AnySize>::scratch_bytes({224, 224, 3}));

// Windows.
template <class L, Shape In>
constexpr Shape output_of = L::template At<In>::output;
constexpr Shape any{Dynamic, Dynamic, 4};
static_assert(output_of<Convolution<8, 3, 2, 1>, Shape{9, 8, 4}> == Shape{5, 4, 8});
static_assert(output_of<Convolution<8, 7, 2, 3>, Shape{1, 224, 4}> == Shape{1, 112, 8});
static_assert(output_of<Convolution<8, 2, 2>, Shape{5, 4, 4}> == Shape{2, 2, 8});
static_assert(output_of<Convolution<8, 3, 2, 1>, any> == Shape{Dynamic, Dynamic, 8});
static_assert(output_of<MaxPool<3, 2, 1>, Shape{13, 12, 4}> == Shape{7, 6, 4});
static_assert(output_of<DepthwiseConvolution<3>, any> == any);
static_assert(Layer<BatchNorm, any> && Layer<DepthwiseConvolution<5, Bias::none>, any>);
