// SPDX-License-Identifier: MIT
#pragma once

// Dense convolution as a matrix product: the numbers that an output position sees are gathered into one row, in the order (u, v, c),
// so that the κ·C of each window row are neighbours in a channels-last map and are copied at once. A few rows at a time are gathered,
// multiplied with the packed weights, and handed to the epilogue. A 1×1 convolution with stride 1 reads the map itself.

#include <algorithm>
#include <cstring>

#include "tessera/kernels/shared_product.hpp"

namespace tessera::detail {

// Rows of a block of a product with `floats` floats of activations a row: of at most 512 KiB, so that it stays in the second-level cache
// next to a panel of weights, or enough to pay for reading the weights.
template <Isa I>
constexpr std::int64_t product_block_rows(std::int64_t rows, std::int64_t floats, int workers = 1) {
  return even_block_rows<I>(rows, std::max(128 * 1024 / floats, enough_rows<I>), workers);
}

struct ConvolutionGeometry {
  int kernel, stride, padding;

  constexpr bool pointwise() const { return kernel == 1 && stride == 1 && padding == 0; }
};

// The window of kernel×kernel positions of a map x that begins at (top, left), in the order (u, v, c); zeros outside the map.
inline void gather_window(const float* x, Shape in, int kernel, int top, int left, float* to) {
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

// The windows that output positions [first, first + count) see, one row of kernel²·C numbers each. Run: κ·C where it is known to the
// compiler, or 0; it copies short runs by a few instructions then.
template <int Run>
void gather_windows(const float* x, Shape in, Shape out, ConvolutionGeometry g, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
  const std::ptrdiff_t channels = in.channels, run = Run > 0 ? Run : g.kernel * channels, inner = g.kernel * run;
  // Windows of output columns [begin, end) are inside the map's width.
  const int begin = (g.padding + g.stride - 1) / g.stride, end = std::min((in.width + g.padding - g.kernel) / g.stride + 1, out.width);
  for (std::ptrdiff_t n = first; n < first + count;) {
    const int column = static_cast<int>(n % out.width);
    const int top = static_cast<int>(n / out.width) * g.stride - g.padding, left = column * g.stride - g.padding;
    if (column < begin || column >= end || top < 0 || top + g.kernel > in.height) {
      gather_window(x, in, g.kernel, top, left, to);
      ++n, to += inner;
      continue;
    }
    const std::ptrdiff_t here = std::min<std::ptrdiff_t>(end - column, first + count - n);
    for (int u = 0; u < g.kernel; ++u) {
      const float* const from = x + (static_cast<std::ptrdiff_t>(top + u) * in.width + left) * channels;
      for (std::ptrdiff_t w = 0; w < here; ++w)
        std::memcpy(to + w * inner + u * run, from + w * g.stride * channels, static_cast<std::size_t>(run) * sizeof(float));
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

// weights: K columns, inner index (u, v, c). make_epilogue(first position) gives what takes the sums of a block. Run: as above.
template <Isa I, int Run = 0, class MakeEpilogue>
void convolve(const float* x, Shape in, Shape out, ConvolutionGeometry g, const Panels<I>& weights, Scratch& scratch,
              const MakeEpilogue& make_epilogue) {
  const std::ptrdiff_t inner = weights.inner(), positions = out.positions();
  const std::ptrdiff_t block = product_block_rows<I>(positions, g.pointwise() ? inner + out.channels : inner, scratch.workers());
  share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, Scratch& own) {
    Scratch::Frame frame(own);
    const float* read = x + first * inner;
    if (!g.pointwise()) {
      float* const windows = frame.take(static_cast<std::size_t>(rows * inner));
      own.split(rows, 1, [&](std::ptrdiff_t row, std::ptrdiff_t count, Scratch&) {
        gather_windows<Run>(x, in, out, g, first + row, count, windows + row * inner);
      });
      read = windows;
    }
    multiply_panels<I>(read, inner, {0, rows}, weights, make_epilogue(first), own);
  });
}

}  // namespace tessera::detail
