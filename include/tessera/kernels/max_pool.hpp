// SPDX-License-Identifier: MIT
#pragma once

// The largest number of each channel within a sliding window, on packets of channels. Positions outside the map do not count. Where one is
// not a number (NaN), neither is the result.

#include <algorithm>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

struct PoolWindow {
  int kernel, stride, padding;

  // The rows or columns of a side that output position n sees.
  struct Range {
    int first, count;
  };
  Range seen(int n, int side) const {
    const int begin = n * stride - padding, first = std::max(begin, 0);
    return {first, std::min(begin + kernel, side) - first};
  }
};

// One row of y from the rows of x that it sees, which row(u) gives. Onto: and from what is in y.
template <Isa I, bool Onto = false, class Row>
void max_pool_row(const Row& row, PoolWindow::Range rows, Shape in, Shape out, PoolWindow window, float* y) {
  const std::ptrdiff_t channels = in.channels;
  for (int j = 0; j < out.width; ++j, y += channels) {
    const PoolWindow::Range columns = window.seen(j, in.width);
    each_packet<I>(channels, [&]<class P>(P, std::ptrdiff_t c) {
      using namespace Eigen::internal;
      P largest = ploadu<P>(row(rows.first) + columns.first * channels + c);
      for (int u = rows.first; u < rows.first + rows.count; ++u)
        for (int v = columns.first; v < columns.first + columns.count; ++v)
          largest = pmax<Eigen::PropagateNaN>(largest, ploadu<P>(row(u) + v * channels + c));
      if constexpr (Onto) largest = pmax<Eigen::PropagateNaN>(largest, ploadu<P>(y + c));
      pstoreu(y + c, largest);
      // Memory of y is fetched a few positions ahead of the stores.
      __builtin_prefetch(y + c + 4 * channels, 1, 3);
    });
  }
}

template <Isa I>
void max_pool(const float* x, Shape in, Shape out, PoolWindow window, float* y, Scratch& scratch) {
  const std::ptrdiff_t row = std::ptrdiff_t{in.width} * in.channels, out_row = std::ptrdiff_t{out.width} * out.channels;
  scratch.split(out.height, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t i = first; i < first + count; ++i)
      max_pool_row<I>([&](int u) { return x + u * row; }, window.seen(static_cast<int>(i), in.height), in, out, window, y + i * out_row);
  });
}

}  // namespace tessera::detail
