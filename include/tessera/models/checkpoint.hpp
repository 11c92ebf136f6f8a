// SPDX-License-Identifier: MIT
#pragma once

// Facts about a published checkpoint. A checkpoint is a type: it derives from the network whose weights it is, so that
// load<ResMlpS12In1k>(...) and preprocess<ResMlpS12In1k>(...) agree about everything. Each has a `name` of its own: timm's tag where timm
// has one, else the network's name and the data set.

#include <string_view>

#include "tessera/models/preprocessing.hpp"

namespace tessera {

struct Checkpoint {
  std::string_view tag;   // timm's name of the weights
  std::string_view file;  // the authors' file
  double top1 = 0;        // published top-1 in per cent, with the network's preprocessing; 0 where there is none
};

// The same network with its authors' preprocessing, where that differs from timm's: preprocess<AsAuthors<ResMlpS12>>(image).
template <class N>
struct AsAuthors : N {
  static constexpr Preprocessing preprocessing = N::authors_preprocessing;
};

}  // namespace tessera
