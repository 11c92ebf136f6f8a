// SPDX-License-Identifier: MIT
#pragma once

// The largest number of each channel within a sliding window, on packets of channels. Positions outside the map do not count.

#include <algorithm>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

template <int Lanes>
void max_pool(const float* x, Shape in, Shape out, int kernel, int stride, int padding, float* y, Scratch& scratch) {
  const std::ptrdiff_t channels = in.channels, row = in.width * channels;
  // The rows or columns of a side that output position n sees.
  struct Range {
    int first, count;
  };
  const auto seen = [&](int n, int side) {
    const int begin = n * stride - padding, first = std::max(begin, 0);
    return Range{first, std::min(begin + kernel, side) - first};
  };
  const auto pool_row = [&](int i) {
    const Range rows = seen(i, in.height);
    float* to = y + std::ptrdiff_t{i} * out.width * channels;
    for (int j = 0; j < out.width; ++j, to += channels) {
      const Range columns = seen(j, in.width);
      const float* const from = x + rows.first * row + columns.first * channels;
      each_packet<Lanes>(channels, [&]<class P>(P, std::ptrdiff_t c) {
        using namespace Eigen::internal;
        P largest = ploadu<P>(from + c);
        for (int u = 0; u < rows.count; ++u)
          for (int v = 0; v < columns.count; ++v) largest = pmax(largest, ploadu<P>(from + u * row + v * channels + c));
        pstoreu(to + c, largest);
        // Memory of y is fetched a few positions ahead of the stores.
        __builtin_prefetch(to + c + 4 * channels, 1, 3);
      });
    }
  };
  scratch.split(out.height, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t i = first; i < first + count; ++i) pool_row(static_cast<int>(i));
  });
}

}  // namespace tessera::detail
