// SPDX-License-Identifier: MIT
#include "tessera/models/mlp_mixer.hpp"

#include "tessera/engine/model.hpp"

using namespace tessera;

// Counted on the reference code (golden/index.json).
static_assert(MixerS32::parameter_count == 19'104'624 && MixerS32::macs == 1'002'426'368);
static_assert(MixerS16::parameter_count == 18'528'264 && MixerS16::macs == 3'776'958'464);
static_assert(MixerB32::parameter_count == 60'293'428 && MixerB32::macs == 3'237'722'112);
static_assert(MixerB16::parameter_count == 59'880'472 && MixerB16::macs == 12'601'767'936);
static_assert(MixerB16Tanh::parameter_count == 59'880'472 && MixerB16Tanh::macs == 12'601'767'936);
static_assert(MixerL32::parameter_count == 206'939'264 && MixerL32::macs == 11'253'293'056);
static_assert(MixerL16::parameter_count == 208'196'168 && MixerL16::macs == 44'547'678'208);
static_assert(MixerH14::parameter_count == 432'350'952 && MixerH14::macs == 120'989'911'040);
static_assert(MixerL16Tanh::parameter_count == MixerL16::parameter_count);

static_assert(MixerB16::input == Shape{224, 224, 3} && MixerB16::output == Shape{1, 1, 1000});
static_assert(MixerB16::preprocessing == mixer_preprocessing && MixerB16Tanh::preprocessing == mixer_flax_preprocessing);
static_assert(MixerB16In21k::output.channels == 21843 && MixerB16MiilIn21kIn1k::preprocessing == mixer_miil_preprocessing);
static_assert(MixerB16TanhIn21k::output.channels == 21843 && MixerB16TanhIn21k::preprocessing == mixer_flax_preprocessing);
static_assert(MixerB16TanhIn1k::checkpoint.file == MixerB16In1k::checkpoint.file && MixerB16TanhIn1k::checkpoint.top1 == 76.44);
static_assert(Model<MixerB16>::scratch_bytes() > 0);

// The token-mixing MLP wants a fixed image; the channel-mixing one does not.
static_assert(Layer<Residual<LayerNorm<>, FeedForward<8>>, Shape{Dynamic, Dynamic, 3}>);
