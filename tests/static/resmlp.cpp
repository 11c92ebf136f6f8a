// SPDX-License-Identifier: MIT
#include "tessera/models/resmlp.hpp"

#include "tessera/engine/model.hpp"

using namespace tessera;

// Counted on the authors' code.
static_assert(ResMlpS12::parameter_count == 15'350'872 && ResMlpS12::macs == 3'009'739'776);
static_assert(ResMlpS24::parameter_count == 30'020'680 && ResMlpS24::macs == 5'961'292'800);
static_assert(ResMlpS36::parameter_count == 44'690'488 && ResMlpS36::macs == 8'912'845'824);
static_assert(ResMlpB24::parameter_count == 115'736'776 && ResMlpB24::macs == 23'020'713'984);
static_assert(ResMlpB24P8::parameter_count == 129'138'280 && ResMlpB24P8::macs == 100'230'739'968);

static_assert(ResMlpS12::input == Shape{224, 224, 3} && ResMlpS12::output == Shape{1, 1, 1000});
static_assert(ResMlpS12In1k::preprocessing.crop == 0.875 && AsAuthors<ResMlpS12In1k>::preprocessing.crop == 0.9);
static_assert(Model<ResMlpS12>::scratch_bytes() > 0);

// What is and what is not a layer.
struct NoForward {
  template <Shape In>
  struct At {
    static constexpr Shape input = In, output = In;
  };
};
static_assert(Layer<Affine, Shape{2, 2, 3}>);
static_assert(Layer<Residual<Affine, Linear<>>, Shape{2, 2, 3}>);
static_assert(!Layer<NoForward, Shape{2, 2, 3}>);

// Layers for any image size, where the weights do not depend on it.
static_assert(Layer<Residual<Affine, FeedForward<8>, LayerScale>, Shape{Dynamic, Dynamic, 3}>);
static_assert(Sequential<Linear<8>, Gelu>::At<Shape{Dynamic, Dynamic, 3}>::output == Shape{Dynamic, Dynamic, 8});
