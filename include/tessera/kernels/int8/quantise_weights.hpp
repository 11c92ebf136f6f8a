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
  // Several chains, or each step would wait for the one before it.
  constexpr std::ptrdiff_t chains = 16;
  float largest[chains] = {}, check = 0.0F;
  for (std::ptrdiff_t k = 0; k < inner; k += chains)
    for (std::ptrdiff_t i = 0; i < std::min(chains, inner - k); ++i) {
      const float size = std::abs(weights[k + i]);
      largest[i] = size > largest[i] ? size : largest[i];
    }
  // x - x is 0, or NaN where x is not finite.
  for (std::ptrdiff_t k = 0; k < inner; ++k) check += weights[k] - weights[k];
  const float scale = *std::max_element(largest, largest + chains) / static_cast<float>(most) + check;
  const float factor = scale > 0.0F && std::isfinite(scale) ? 1.0F / scale : 0.0F;
  std::int32_t sum = 0;
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    const float w = factor == 0.0F ? 0.0F : weights[k] * factor;
    const auto rounded = static_cast<std::int32_t>(w + std::copysign(0.5F, w));
    to[k] = static_cast<std::int8_t>(rounded);
    sum += rounded;
  }
  return {scale, sum};
}

}  // namespace tessera::detail
