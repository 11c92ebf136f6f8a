// SPDX-License-Identifier: MIT
#pragma once

// Depthwise κ×κ convolution on packets of channels, for any odd κ, zeros around the map:
//
//     y[i,j,c] = Σ_{u,v} W[c,u,v] · x[i+u-p, j+v-p, c] + bias[c]        p = (κ-1)/2
//
// x, y: H×W×C, distinct    W: C×κ×κ    bias: C, or null
//
// One packet of channels goes over the whole map. The κ rows around the output row are kept next to each other, with zeros around them:
// numbers of one channel that lie a power of two apart in the map would soon leave the cache. Some output columns are summed together, so
// that each tap is loaded once for all of them. Workers share the packets.

#include <algorithm>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

// Output columns that are summed together.
inline constexpr std::ptrdiff_t depthwise_columns = 8;

template <Isa I>
constexpr std::size_t wide_depthwise_floats(std::int64_t width, std::int64_t kernel) {
  const std::int64_t whole = (width + depthwise_columns - 1) / depthwise_columns * depthwise_columns;
  return Scratch::rounded(static_cast<std::size_t>((kernel * (whole + kernel - 1) + kernel * kernel) * lanes_of<I>));
}

// The channels of one packet P (or of one float). x, weights, bias and y begin with the first of them; memory: wide_depthwise_floats.
template <class P>
void wide_depthwise_packet(const float* x, Shape shape, int kernel, const float* weights, const float* bias, float* y, float* memory) {
  using namespace Eigen::internal;
  constexpr int lanes = unpacket_traits<P>::size;
  const std::ptrdiff_t height = shape.height, width = shape.width, channels = shape.channels, side = kernel / 2, size = kernel;
  const std::ptrdiff_t whole = (width + depthwise_columns - 1) / depthwise_columns * depthwise_columns, row = (whole + size - 1) * lanes;
  float* const taps = memory;
  float* const rows = memory + size * size * lanes;
  for (std::ptrdiff_t tap = 0; tap < size * size; ++tap)
    for (int lane = 0; lane < lanes; ++lane) taps[tap * lanes + lane] = weights[lane * size * size + tap];
  std::fill_n(rows, size * row, 0.0F);
  const auto read = [&](std::ptrdiff_t i) {
    float* const to = rows + i % size * row + side * lanes;
    if (i < height)
      for (std::ptrdiff_t j = 0; j < width; ++j) pstoreu(to + j * lanes, ploadu<P>(x + (i * width + j) * channels));
    else
      std::fill_n(to, width * lanes, 0.0F);
  };
  for (std::ptrdiff_t i = 0; i < side; ++i) read(i);
  const P start = bias == nullptr ? pset1<P>(0.0F) : ploadu<P>(bias);
  for (std::ptrdiff_t i = 0; i < height; ++i) {
    read(i + side);
    for (std::ptrdiff_t j = 0; j < width; j += depthwise_columns) {
      P sums[depthwise_columns];
      for (P& sum : sums) sum = start;
      for (std::ptrdiff_t u = 0; u < size; ++u) {
        // Row i + u - side; the rows above the map are the zeros of the beginning.
        const float* const from = rows + (i + u - side + size) % size * row + j * lanes;
        for (std::ptrdiff_t v = 0; v < size; ++v) {
          const P tap = ploadu<P>(taps + (u * size + v) * lanes);
#pragma GCC unroll 8
          for (std::ptrdiff_t k = 0; k < depthwise_columns; ++k) sums[k] = pmadd(ploadu<P>(from + (v + k) * lanes), tap, sums[k]);
        }
      }
      float* const to = y + (i * width + j) * channels;
      const std::ptrdiff_t count = std::min(depthwise_columns, width - j);
#pragma GCC unroll 8
      for (std::ptrdiff_t k = 0; k < depthwise_columns; ++k)
        if (k < count) pstoreu(to + k * channels, sums[k]);
    }
  }
}

template <Isa I>
void wide_depthwise(const float* x, Shape shape, int kernel, const float* weights, const float* bias, float* y, Scratch& scratch) {
  const std::ptrdiff_t channels = shape.channels, taps = std::ptrdiff_t{kernel} * kernel;
  // Whole packets, the last one with the channels that are left over: they are worked on in one packet that overlaps it.
  const std::ptrdiff_t packets = std::max<std::ptrdiff_t>(channels / lanes_of<I>, 1);
  scratch.split(packets, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
    Scratch::Frame frame(own);
    float* const memory = frame.take(wide_depthwise_floats<I>(shape.width, kernel));
    const std::ptrdiff_t begin = first * lanes_of<I>, end = first + count == packets ? channels : (first + count) * lanes_of<I>;
    each_packet<I>(end - begin, [&]<class P>(P, std::ptrdiff_t here) {
      const std::ptrdiff_t c = begin + here;
      wide_depthwise_packet<P>(x + c, shape, kernel, weights + c * taps, bias == nullptr ? nullptr : bias + c, y + c, memory);
    });
  });
}

}  // namespace tessera::detail
