// SPDX-License-Identifier: MIT
#include "tessera/models/spach.hpp"

#include "tessera/engine/model.hpp"

using namespace tessera;

// Counted on the authors' code (golden/index.json). Shared weights count once.
static_assert(SpachXxsMlp::parameter_count == 8'307'184 && SpachXxsMlp::macs == 1'630'602'240);
static_assert(SpachXxsConv::parameter_count == 7'828'840 && SpachXxsConv::macs == 1'453'581'312);
static_assert(SpachXxsAttn::parameter_count == 3'931'048 && SpachXxsAttn::macs == 903'811'584);
static_assert(SpachXsMlp::parameter_count == 15'932'536 && SpachXsMlp::macs == 3'203'017'728);
static_assert(SpachXsConv::parameter_count == 14'975'848 && SpachXsConv::macs == 2'848'975'872);
static_assert(SpachXsAttn::parameter_count == 14'938'984 && SpachXsAttn::macs == 3'194'889'216);
static_assert(SpachSMlp::parameter_count == 39'820'024 && SpachSMlp::macs == 7'970'066'432);
static_assert(SpachSConv::parameter_count == 38'854'120 && SpachSConv::macs == 7'498'010'624);
static_assert(SpachSAttn::parameter_count == 32'507'368 && SpachSAttn::macs == 6'726'103'040);
static_assert(SpachSMlpShared::parameter_count == 38'929'694 && SpachSMlpShared::macs == 7'970'066'432);
static_assert(SpachMsXxsConv::parameter_count == 5'085'224 && SpachMsXxsConv::macs == 712'358'912);
static_assert(SpachMsXxsMlp::parameter_count == 6'562'446 && SpachMsXxsMlp::macs == 931'126'272);
static_assert(SpachMsXxsAttn::parameter_count == 2'372'744 && SpachMsXxsAttn::macs == 530'039'296);
static_assert(SpachMsXsConv::parameter_count == 17'302'120 && SpachMsXsConv::macs == 2'754'640'128);
static_assert(SpachMsXsMlp::parameter_count == 20'260'283 && SpachMsXsMlp::macs == 3'409'135'872);
static_assert(SpachMsXsAttn::parameter_count == 14'479'080 && SpachMsXsAttn::macs == 3'081'744'896);
static_assert(SpachMsSConv::parameter_count == 43'576'168 && SpachMsSConv::macs == 7'141'018'624);
static_assert(SpachMsSMlp::parameter_count == 46'542'011 && SpachMsSMlp::macs == 8'013'679'616);
static_assert(SpachMsSAttn::parameter_count == 39'537'544 && SpachMsSAttn::macs == 7'532'022'528);
static_assert(SpachMsXsHybrid::parameter_count == 27'956'584 && SpachMsXsHybrid::macs == 4'444'316'928);
static_assert(SpachMsSHybrid::parameter_count == 63'028'584 && SpachMsSHybrid::macs == 11'050'933'248);
static_assert(SpachMsXsHybridPlus::parameter_count == 28'060'072 && SpachMsXsHybridPlus::macs == 5'549'794'560);
static_assert(SpachMsSHybridPlus::parameter_count == 63'138'728 && SpachMsSHybridPlus::macs == 12'177'284'096);
static_assert(SpachMsSMlpShared::parameter_count == 44'263'855 && SpachMsSMlpShared::macs == 8'013'679'616);

static_assert(SpachMsSHybrid::input == Shape{224, 224, 3} && SpachMsSHybrid::output == Shape{1, 1, 1000});
static_assert(SpachMsSHybrid::preprocessing == imagenet_preprocessing);

// Blocks without a spatial function work for any image size.
static_assert(Layer<Residual<DepthwiseConvolution<>>, Shape{Dynamic, Dynamic, 3}>);
static_assert(Layer<Residual<LayerNorm<>, Attention<2>>, Shape{Dynamic, Dynamic, 4}>);
