// SPDX-License-Identifier: MIT
#pragma once

// Dense convolution as a matrix product: the values that an output position sees are gathered into one row, in the order (u, v, c),
// so that the κ·C of each window row are neighbours in a channels-last map and are copied at once. A few rows at a time are gathered,
// multiplied with the packed weights, and handed to the epilogue. A 1×1 convolution with stride 1 reads the map itself.

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "tessera/kernels/shared_product.hpp"

namespace tessera::detail {

struct ConvolutionGeometry {
  int kernel, stride, padding;

  constexpr bool pointwise() const { return kernel == 1 && stride == 1 && padding == 0; }
};

// The window of kernel×kernel positions of a map x that begins at (top, left), in the order (u, v, c); zeros outside the map.
template <Isa I>
void gather_window(const float* x, Shape in, int kernel, int top, int left, float* to) {
  const std::ptrdiff_t channels = in.channels, run = kernel * channels;
  // Columns [begin, end) of the window are inside the map.
  const int begin = std::clamp(-left, 0, kernel), end = std::clamp(in.width - left, begin, kernel);
  for (int row = top; row < top + kernel; ++row, to += run) {
    if (row < 0 || row >= in.height) {
      std::fill_n(to, run, 0.0F);
      continue;
    }
    const float* const from = x + (static_cast<std::ptrdiff_t>(row) * in.width + left + begin) * channels;
    std::fill_n(to, begin * channels, 0.0F);
    std::copy_n(from, (end - begin) * channels, to + begin * channels);
    std::fill(to + end * channels, to + run, 0.0F);
  }
}

// Copies `count` floats, which may be few: in pieces that compilers copy by an instruction each, the last of which overlaps the one before.
template <Isa I>
EIGEN_ALWAYS_INLINE void copy_run(const float* from, std::ptrdiff_t count, float* to) {
  constexpr std::ptrdiff_t piece = lanes_of<I> > 8 ? 8 : lanes_of<I> < 4 ? 4 : lanes_of<I>;
  const auto copy = [&](std::ptrdiff_t at, auto size) { std::memcpy(to + at, from + at, size * sizeof(float)); };
  using Piece = std::integral_constant<std::size_t, static_cast<std::size_t>(piece)>;
  using Four = std::integral_constant<std::size_t, 4>;
  if (count >= piece) {
    for (std::ptrdiff_t i = 0; i + piece < count; i += piece) copy(i, Piece{});
    copy(count - piece, Piece{});
  } else if (count >= 4) {
    copy(0, Four{});
    copy(count - 4, Four{});
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = from[i];
  }
}

// The windows that output positions [first, first + count) see, one row of kernel²·C numbers each.
template <Isa I>
void gather_windows(const float* x, Shape in, Shape out, ConvolutionGeometry g, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
  const std::ptrdiff_t channels = in.channels, run = g.kernel * channels, inner = g.kernel * run;
  // Windows of output columns [begin, end) are inside the map's width.
  const int begin = (g.padding + g.stride - 1) / g.stride, end = std::min((in.width + g.padding - g.kernel) / g.stride + 1, out.width);
  for (std::ptrdiff_t n = first; n < first + count;) {
    const int column = static_cast<int>(n % out.width);
    const int top = static_cast<int>(n / out.width) * g.stride - g.padding, left = column * g.stride - g.padding;
    if (column < begin || column >= end || top < 0 || top + g.kernel > in.height) {
      gather_window<I>(x, in, g.kernel, top, left, to);
      ++n, to += inner;
      continue;
    }
    const std::ptrdiff_t here = std::min<std::ptrdiff_t>(end - column, first + count - n);
    for (int u = 0; u < g.kernel; ++u) {
      const float* const from = x + (static_cast<std::ptrdiff_t>(top + u) * in.width + left) * channels;
      for (std::ptrdiff_t w = 0; w < here; ++w) copy_run<I>(from + w * g.stride * channels, run, to + w * inner + u * run);
    }
    n += here, to += here * inner;
  }
}

// Floats of scratch that `convolve` takes.
template <Isa I>
constexpr std::size_t convolve_floats(Shape in, Shape out, ConvolutionGeometry g) {
  const std::int64_t inner = std::int64_t{g.kernel} * g.kernel * in.channels;
  return g.pointwise() ? 0 : Scratch::rounded(static_cast<std::size_t>(product_block_rows<I>(out.positions(), inner) * inner));
}

// multiply(first, rows, windows, scratch) for blocks of output positions, which the workers share: the windows of positions
// [first, first + rows), one after the other.
template <Isa I, class Multiply>
void for_windows(const float* x, Shape in, Shape out, ConvolutionGeometry g, Scratch& scratch, const Multiply& multiply) {
  const std::ptrdiff_t inner = std::ptrdiff_t{g.kernel} * g.kernel * in.channels, positions = static_cast<std::ptrdiff_t>(out.positions());
  const auto block =
      static_cast<std::ptrdiff_t>(product_block_rows<I>(positions, g.pointwise() ? inner + out.channels : inner, scratch.workers()));
  share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, Scratch& own) {
    Scratch::Frame frame(own);
    const float* read = x + first * inner;
    if (!g.pointwise()) {
      float* const windows = frame.take(static_cast<std::size_t>(rows * inner));
      own.split(rows, 1, [&](std::ptrdiff_t row, std::ptrdiff_t count, Scratch&) {
        gather_windows<I>(x, in, out, g, first + row, count, windows + row * inner);
      });
      read = windows;
    }
    multiply(first, rows, read, own);
  });
}

// weights: K columns, inner index (u, v, c). The epilogue takes the sums of all positions.
template <Isa I>
void convolve(const float* x, Shape in, Shape out, ConvolutionGeometry g, const Panels<I>& weights, Scratch& scratch,
              const Epilogue& epilogue) {
  for_windows<I>(x, in, out, g, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, const float* windows, Scratch& own) {
    multiply_panels<I>(windows, weights.inner(), {0, rows}, weights, epilogue.from_row(first), own);
  });
}

}  // namespace tessera::detail
