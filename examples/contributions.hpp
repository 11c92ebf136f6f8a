// SPDX-License-Identifier: MIT
#pragma once

// How much each position of the last tokens adds to the score of one class. The head is linear and reads the mean of the tokens, so the
// score is a sum over positions, without any approximation:
//
//     score_k = b_k + Σ_n c_n        c_n = w_k · t_n / N
//
// t: N×C, the tokens after the last norm    w_k: C, the row of the head's weights for class k

#include <cstddef>
#include <span>
#include <vector>

#include "tessera/core/tensor.hpp"

// c_n for all positions, row by row. `weights` has as many values as the tokens have channels.
inline std::vector<double> contributions_to_score(tessera::View<tessera::any_shape> tokens, std::span<const float> weights) {
  const tessera::Shape shape = tokens.shape();
  const std::size_t positions = static_cast<std::size_t>(shape.height) * static_cast<std::size_t>(shape.width), channels = weights.size();
  std::vector<double> sums(positions);
  for (std::size_t n = 0; n < positions; ++n) {
    for (std::size_t c = 0; c < channels; ++c)
      sums[n] += static_cast<double>(weights[c]) * static_cast<double>(tokens.data()[n * channels + c]);
    sums[n] /= static_cast<double>(positions);
  }
  return sums;
}
