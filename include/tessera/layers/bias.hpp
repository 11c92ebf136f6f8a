// SPDX-License-Identifier: MIT
#pragma once

// Whether a layer that may have a bias per output channel has one: Convolution<64, 3, 1, 1, Bias::none>.

#include "tessera/core/compiled.hpp"

namespace tessera {

enum class Bias { none, per_channel };

}  // namespace tessera
