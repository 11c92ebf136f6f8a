// SPDX-License-Identifier: MIT
#pragma once

// Weights without training. Speed does not depend on the values; these keep activations in a sane range.

#include <cmath>

#include "tessera/layers/weights.hpp"

namespace bench {

// Numbers in ±1, the same on every machine.
class Noise {
 public:
  float operator()() {
    state_ = state_ * 1664525U + 1013904223U;
    return static_cast<float>(state_ / 2147483648.0 - 1);
  }

 private:
  std::uint32_t state_ = 1;
};

template <class N>
tessera::Weights<N> plausible_weights() {
  tessera::Weights<N> weights;
  weights.allocate();
  Noise noise;
  for (const auto& [key, parameter] : weights.parameters()) {
    const double fan_in = static_cast<double>(parameter->size()) / parameter->extent(0);
    const bool vector = parameter->rank() == 1;
    const auto bound = static_cast<float>(vector ? 0.1 : std::sqrt(3 / fan_in));
    for (float& v : weights[key]) v = bound * noise() + (vector ? 0.5F : 0.0F);
  }
  return weights;
}

}  // namespace bench
