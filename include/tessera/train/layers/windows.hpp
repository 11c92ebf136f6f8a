// SPDX-License-Identifier: MIT
#pragma once

// The places of a sliding window, as layers in training go through them.

#include <algorithm>
#include <cstddef>

#include "tessera/core/shape.hpp"

namespace tessera::detail {

// Calls use(place in the window, position in x, position in y) for all that a window of kernel × kernel positions sees; not for the border
// of `padding` positions around the map.
template <class Use>
void each_window(Shape in, Shape out, int kernel, int stride, int padding, const Use& use) {
  for (int i = 0; i < out.height; ++i)
    for (int u = std::max(0, padding - i * stride); u < std::min(kernel, in.height + padding - i * stride); ++u)
      for (int j = 0; j < out.width; ++j)
        for (int v = std::max(0, padding - j * stride); v < std::min(kernel, in.width + padding - j * stride); ++v)
          use(u * kernel + v, std::ptrdiff_t{i * stride + u - padding} * in.width + j * stride + v - padding,
              std::ptrdiff_t{i} * out.width + j);
}

}  // namespace tessera::detail
