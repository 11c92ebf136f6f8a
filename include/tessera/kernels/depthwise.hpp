// SPDX-License-Identifier: MIT
#pragma once

// Depthwise 3×3 convolution on packets of channels, zeros around the map:
//
//     y[i,j,c] = Σ_{u,v} taps[u,v,c] · x[i+u-1, j+v-1, c] + bias[c]
//
// x, y: H×W×C, distinct    taps: 3×3×C (a checkpoint has C×1×3×3)    bias: C, or null
//
// With Skip::add_input, x[i,j,c] is added at the very end: as 1 more on the centre tap it would be rounded in every partial sum.
//
// It works row by row, so that a caller may make each row just before it is read. Within a row one packet of channels runs along all
// positions with its nine taps in registers, and each number is loaded once: numbers that lie a power of two apart soon leave the cache.

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

enum class Skip { none, add_input };

// The taps from a checkpoint's weights.
template <Isa I>
Buffer depthwise_taps(std::ptrdiff_t channels, const float* weights) {
  Buffer taps(static_cast<std::size_t>(9 * channels));
  for (std::ptrdiff_t tap = 0; tap < 9; ++tap)
    for (std::ptrdiff_t c = 0; c < channels; ++c) taps.data()[tap * channels + c] = weights[c * 9 + tap];
  return taps;
}

// The channels of one packet P (or of one float) in one row. rows: the rows above, here and below, the missing ones null.
template <class P, Skip S>
void depthwise_packet(const float* const rows[3], std::ptrdiff_t width, std::ptrdiff_t channels, const float* taps, const float* bias,
                      float* y) {
  using namespace Eigen::internal;
  const P zero = pset1<P>(0.0F), start = bias == nullptr ? zero : ploadu<P>(bias);
  const float* from[3];
  P tap[3][3];
#pragma GCC unroll 3
  for (int u = 0; u < 3; ++u) {
    // A missing row is the middle one times zero.
    from[u] = rows[u] == nullptr ? rows[1] : rows[u];
#pragma GCC unroll 3
    for (int v = 0; v < 3; ++v) tap[u][v] = rows[u] == nullptr ? zero : ploadu<P>(taps + (3 * u + v) * channels);
  }
  // Every number is loaded once, for the sums of the three columns around it: the one before, which is then complete, its own, the next.
  P sum = zero, next = start, here = zero;
  const auto store = [&](std::ptrdiff_t j) { pstoreu(y + j * channels, S == Skip::add_input ? padd(here, sum) : sum); };
  for (std::ptrdiff_t j = 0; j < width; ++j) {
    P behind = start, x[3];
#pragma GCC unroll 3
    for (int u = 0; u < 3; ++u) x[u] = ploadu<P>(from[u] + j * channels);
#pragma GCC unroll 3
    for (int u = 0; u < 3; ++u) {
      sum = pmadd(x[u], tap[u][2], sum);
      next = pmadd(x[u], tap[u][1], next);
      behind = pmadd(x[u], tap[u][0], behind);
    }
    if (j > 0) store(j - 1);
    here = x[1];
    sum = next;
    next = behind;
  }
  store(width - 1);
}

// One row of y from the rows of x above it, at it and below it; above and below are null at the borders of the map.
template <Isa I, Skip S = Skip::none>
void depthwise_row(const float* above, const float* here, const float* below, std::ptrdiff_t width, std::ptrdiff_t channels,
                   const float* taps, const float* bias, float* y) {
  each_packet<I>(channels, [&]<class P>(P, std::ptrdiff_t c) {
    const auto shifted = [c](const float* row) { return row == nullptr ? nullptr : row + c; };
    const float* const rows[3] = {shifted(above), here + c, shifted(below)};
    depthwise_packet<P, S>(rows, width, channels, taps + c, shifted(bias), y + c);
  });
}

template <Isa I, Skip S = Skip::none>
void depthwise_3x3(const float* x, std::ptrdiff_t height, std::ptrdiff_t width, std::ptrdiff_t channels, const float* taps,
                   const float* bias, float* y, Scratch& scratch) {
  const std::ptrdiff_t row = width * channels;
  scratch.split(height, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t i = first; i < first + count; ++i) {
      const float* const here = x + i * row;
      depthwise_row<I, S>(i > 0 ? here - row : nullptr, here, i + 1 < height ? here + row : nullptr, width, channels, taps, bias,
                          y + i * row);
    }
  });
}

// x += DW(x) by one worker, in place: a map that does not fit into the second-level cache together with its output is read faster.
// before: memory for two rows, which keep what was in x while the rows below them are computed.
template <Isa I>
void add_depthwise_3x3(float* x, std::ptrdiff_t height, std::ptrdiff_t width, std::ptrdiff_t channels, const float* taps, const float* bias,
                       float* const before[2]) {
  const std::ptrdiff_t row = width * channels;
  for (std::ptrdiff_t i = 0; i < height; ++i) {
    float* const y = x + i * row;
    float* const here = before[i % 2];
    std::copy_n(y, row, here);
    depthwise_row<I, Skip::add_input>(i > 0 ? before[(i + 1) % 2] : nullptr, here, i + 1 < height ? y + row : nullptr, width, channels,
                                      taps, bias, y);
  }
}

}  // namespace tessera::detail
