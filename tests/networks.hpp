// SPDX-License-Identifier: MIT
#pragma once

// One small network of every family, for the laws that all of them must keep.

#include <tuple>

#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

using Networks = std::tuple<
    tessera::ResMlp<tessera::Shape{32, 32, 3}, 4, 48, 3, 10>,
    tessera::ConvMlp<tessera::Shape{41, 59, 3}, 10, 16, 2, tessera::ConvMlpStage<1, 20, 40>, tessera::ConvMlpStage<2, 28, 84>>,
    tessera::MlpMixer<tessera::Shape{40, 40, 3}, 8, 24, 2, 12, 96, tessera::Gelu, 10>,
    tessera::Spach<tessera::Shape{32, 32, 3}, 8, 24, tessera::SpachOptions{.heads = 3, .shared_spatial_func = true}, 10,
                   tessera::SpachMlp<3>>,
    tessera::SpachMs<tessera::Shape{64, 64, 3}, 4, 12, tessera::SpachOptions{.heads = 2, .stem = tessera::SpachStem::conv4}, 10,
                     tessera::SpachStage<tessera::SpachPass<1>>, tessera::SpachStage<tessera::SpachPass<1>, tessera::SpachMlp<1>>,
                     tessera::SpachStage<tessera::SpachAttn<2>>, tessera::SpachStage<tessera::SpachAttn<1>>>,
    tessera::GMlp<tessera::Shape{32, 32, 3}, 8, 16, 2, 96, 10>, tessera::GMixer<tessera::Shape{32, 32, 3}, 8, 16, 2, 16, 64, 10>>;
