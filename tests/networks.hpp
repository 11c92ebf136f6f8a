// SPDX-License-Identifier: MIT
#pragma once

// One small network of every family, for the laws that all of them must keep.

#include <tuple>

#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/resmlp.hpp"

using Networks = std::tuple<tessera::ResMlp<tessera::Shape{32, 32, 3}, 4, 48, 3, 10>,
                            tessera::ConvMlp<tessera::Shape{41, 59, 3}, 10, 16, 2, tessera::ConvMlpStage<1, 20, 40>, tessera::ConvMlpStage<2, 28, 84>>>;
