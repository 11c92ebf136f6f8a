// SPDX-License-Identifier: MIT
#pragma once

// The weights of one output of a layer as bytes:
//
//     W[k] ≈ scale · w[k]        w = round(W / scale)        scale = max_k |W[k]| / most

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tessera::detail {

struct QuantisedWeights {
  float scale;
  std::int32_t sum;  // Σ_k w[k]
};

// `inner` weights. Weights that are not finite make the scale NaN. most: at most 127.
inline QuantisedWeights quantise_weights(const float* weights, std::ptrdiff_t inner, int most, std::int8_t* to) {
  float largest = 0.0F, check = 0.0F;
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    largest = std::max(largest, std::abs(weights[k]));
    check += weights[k] * 0.0F;
  }
  const float scale = largest / static_cast<float>(most) + check;
  const float factor = scale > 0.0F && std::isfinite(scale) ? 1.0F / scale : 0.0F;
  std::int32_t sum = 0;
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    const float w = factor == 0.0F ? 0.0F : weights[k] * factor;
    const int rounded = static_cast<int>(w < 0.0F ? w - 0.5F : w + 0.5F);
    to[k] = static_cast<std::int8_t>(rounded);
    sum += rounded;
  }
  return {scale, sum};
}

}  // namespace tessera::detail
