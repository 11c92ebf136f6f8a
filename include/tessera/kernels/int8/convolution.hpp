// SPDX-License-Identifier: MIT
#pragma once

// Dense convolution with products of bytes: as in kernels/convolution.hpp, with a scale of its own for each window.

#include "tessera/kernels/convolution.hpp"
#include "tessera/kernels/int8/product.hpp"

namespace tessera::detail {

// Floats of scratch that `convolve` takes with weights as bytes.
template <Isa I>
constexpr std::size_t convolve_int8_floats(Shape in, Shape out, ConvolutionGeometry g) {
  const std::int64_t inner = std::int64_t{g.kernel} * g.kernel * in.channels;
  const std::int64_t block = product_block_rows<I>(out.positions(), g.pointwise() ? inner + out.channels : inner);
  return convolve_floats<I>(in, out, g) + Int8Activations<I>::floats(block, inner);
}

template <Isa I>
void convolve(const float* x, Shape in, Shape out, ConvolutionGeometry g, const Int8Panels<I>& weights, Scratch& scratch,
              const Epilogue& epilogue) {
  for_windows<I>(x, in, out, g, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, const float* windows, Scratch& own) {
    Scratch::Frame frame(own);
    const Int8Left left = Int8Activations<I>::quantised(windows, rows, weights.inner(), frame, own);
    multiply_int8_panels<I>(left, {0, rows}, weights, epilogue.from_row(first), own);
  });
}

}  // namespace tessera::detail
