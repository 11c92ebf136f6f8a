// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/error.hpp"
#include "tessera/vision/planar.hpp"

namespace tessera::detail {

TESSERA_INLINE void interleave(std::span<const float> planar, int count, Shape shape, float* out) {
  const std::size_t size = checked_floats(shape, count);
  if (planar.size() != size) fail("from_planar: found ", planar.size(), " values, expected ", size, " for ", count, " of shape ", shape);
  const auto positions = static_cast<std::size_t>(shape.positions()), channels = static_cast<std::size_t>(shape.channels);
  const float* in = planar.data();
  for (int image = 0; image < count; ++image)
    for (std::size_t c = 0; c < channels; ++c)
      for (std::size_t i = 0; i < positions; ++i) out[(static_cast<std::size_t>(image) * positions + i) * channels + c] = *in++;
}

}  // namespace tessera::detail
