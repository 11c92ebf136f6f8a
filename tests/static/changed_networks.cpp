// SPDX-License-Identifier: MIT
//
// WithClasses and WithImage: what changes and what stays.

#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/spach.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/models/with_image.hpp"

using namespace tessera;

using Pets = WithClasses<MixerB16, 37>;
static_assert(Pets::output == Shape{1, 1, 37} && Pets::classes == 37 && Pets::input == MixerB16::input);
static_assert(Pets::parameter_count == MixerB16::parameter_count - 963 * 769);
static_assert(Pets::macs == MixerB16::macs - 963 * 768);
static_assert(Pets::preprocessing == MixerB16::preprocessing && Pets::name == MixerB16::name);
static_assert(std::is_same_v<Pets::Body, MlpMixer<Shape{224, 224, 3}, 16, 768, 12, 384, 3072, Gelu, 37>::Body>);
static_assert(std::is_same_v<WithClasses<ConvMlpS, 1000>::Bound, ConvMlpS::Bound>);

using Wide = WithImage<SpachMsXxsConv, Shape{256, 512, 3}>;
static_assert(Wide::input == Shape{256, 512, 3} && Wide::output == SpachMsXxsConv::output);
static_assert(Wide::parameter_count == SpachMsXxsConv::parameter_count && Wide::macs > 2 * SpachMsXxsConv::macs);
static_assert(Wide::preprocessing == SpachMsXxsConv::preprocessing && Wide::name == SpachMsXxsConv::name);
static_assert(WithImage<SpachXxsAttn, Shape{320, 320, 3}>::parameter_count == SpachXxsAttn::parameter_count);

// Both at once, in either order.
using PetsOfAnySize = WithImage<WithClasses<ConvMlpS, 37>, any_rgb>;
static_assert(PetsOfAnySize::input == any_rgb && PetsOfAnySize::output == Shape{1, 1, 37});
static_assert(std::is_same_v<PetsOfAnySize::Bound, WithClasses<WithImage<ConvMlpS, any_rgb>, 37>::Bound>);
static_assert(PetsOfAnySize::macs == 0 && PetsOfAnySize::macs_at({224, 224, 3}) == WithClasses<ConvMlpS, 37>::macs);
