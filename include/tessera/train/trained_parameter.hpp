// SPDX-License-Identifier: MIT
#pragma once

// TrainedParameter: a parameter of a network in training, with the gradient of the loss in it. What changes parameters (optimiser.hpp,
// weight_average.hpp) sees the network as a list of these.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera {

// One parameter or statistic.
struct TrainedParameter {
  std::string key;            // its name in a checkpoint; the first one, where blocks share it
  std::vector<int> extents;   // the slowest axis first
  std::span<float> values;    // not owned
  std::span<float> gradient;  // as many; empty for a statistic, such as a running mean, which has no gradient

  // Whether it has a gradient.
  bool learnable() const { return !gradient.empty(); }
  // Whether it is a matrix or a kernel: more than one axis, so that weight decay applies to it.
  bool is_matrix() const { return extents.size() > 1; }
};

}  // namespace tessera
