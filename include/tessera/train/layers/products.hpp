// SPDX-License-Identifier: MIT
#pragma once

// The three products of a dense layer y = x · Wᵀ + b and its backward pass, on the engine's micro-kernel:
//
//     y  = x · Wᵀ + b        x: R×C    W: K×C    y: R×K
//     dx = dy · W
//     dW += dyᵀ · x          db += Σ_r dy[r,:]
//
// Operands are packed anew in every pass, because weights change with every step.

#include <algorithm>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// Rows of activations that are packed at once: what belongs to them stays in the second-level cache.
inline constexpr std::ptrdiff_t training_rows = 256;

// Floats of a packed right operand with `columns` columns.
template <Isa I>
constexpr std::ptrdiff_t panel_floats(std::ptrdiff_t inner, std::ptrdiff_t columns) {
  return inner * ((columns + panel_width<I> - 1) / panel_width<I> * panel_width<I>);
}

// Packs the row-major matrix b (inner × columns) as a right operand; a panel that starts at column n is at panels + n·inner.
template <Isa I>
void pack_rows(const float* b, std::ptrdiff_t inner, std::ptrdiff_t columns, float* panels) {
  for (std::ptrdiff_t first = 0; first < columns; first += panel_width<I>) {
    const std::ptrdiff_t width = ProductTile<I>::packets_at_once(columns - first) * lanes_of<I>, used = std::min(width, columns - first);
    float* to = panels + first * inner;
    const float* from = b + first;
    for (std::ptrdiff_t k = 0; k < inner; ++k, from += columns, to += width) {
      std::copy_n(from, used, to);
      std::fill_n(to + used, width - used, 0.0F);
    }
  }
}

// to (columns × rows, row stride `stride`) = fromᵀ, from: rows × columns.
template <Isa I>
void turn(const float* from, std::ptrdiff_t rows, std::ptrdiff_t columns, float* to, std::ptrdiff_t stride) {
  std::ptrdiff_t r = 0;
  for (; r + lanes_of<I> <= rows; r += lanes_of<I>) turn_rows<I>(from + r * columns, columns, columns, to + r, stride);
  for (; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < columns; ++c) to[c * stride + r] = from[r * columns + c];
}

// a · b through an epilogue, a: rows × inner (row stride `stride`), b packed.
template <Isa I>
void multiply_packed(const float* a, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t inner, const float* panels,
                     std::ptrdiff_t columns, const Epilogue& epilogue) {
  for (std::ptrdiff_t first = 0; first < columns; first += panel_width<I>) {
    const auto count = static_cast<int>(std::min<std::ptrdiff_t>(panel_width<I>, columns - first));
    multiply_panel<I>(RowRange{0, rows}, inner, {a, stride}, panels + first * inner, ProductTile<I>::packets_at_once(count), first, count,
                      epilogue);
  }
}

// Working memory of add_weight_gradient for products of at most training_rows rows.
template <Isa I>
constexpr std::size_t weight_gradient_scratch(std::ptrdiff_t outputs, std::ptrdiff_t inputs) {
  return Scratch::rounded(static_cast<std::size_t>(outputs * training_rows)) +
         Scratch::rounded(static_cast<std::size_t>(panel_floats<I>(training_rows, inputs)));
}

// gradient (outputs × inputs) += dyᵀ · x, bias_gradient (outputs, or null) += the sums of dy's columns.
template <Isa I>
void add_weight_gradient(const float* dy, const float* x, std::ptrdiff_t rows, std::ptrdiff_t outputs, std::ptrdiff_t inputs,
                         float* gradient, float* bias_gradient, Scratch& scratch) {
  Scratch::Frame frame(scratch);
  float* const turned = frame.take(static_cast<std::size_t>(outputs * training_rows));
  float* const panels = frame.take(static_cast<std::size_t>(panel_floats<I>(training_rows, inputs)));
  for (std::ptrdiff_t first = 0; first < rows; first += training_rows) {
    const std::ptrdiff_t count = std::min(training_rows, rows - first);
    const float* const part = dy + first * outputs;
    turn<I>(part, count, outputs, turned, count);
    pack_rows<I>(x + first * inputs, count, inputs, panels);
    multiply_packed<I>(turned, count, outputs, count, panels, inputs, {.y = gradient, .stride = inputs, .combine = Combine::add});
    if (bias_gradient == nullptr) continue;
    for (std::ptrdiff_t r = 0; r < count; ++r)
      for (std::ptrdiff_t k = 0; k < outputs; ++k) bias_gradient[k] += part[r * outputs + k];
  }
}

// A bias as an epilogue may read it: up to the end of a packet. `padded` has room for bias_floats(count) floats.
template <Isa I>
constexpr std::ptrdiff_t bias_floats(std::ptrdiff_t count) {
  return count + panel_width<I>;
}
template <Isa I>
const float* pad_bias(const float* bias, std::ptrdiff_t count, float* padded) {
  std::fill_n(padded, bias_floats<I>(count), 0.0F);
  if (bias != nullptr) std::copy_n(bias, count, padded);
  return padded;
}

}  // namespace tessera::detail
