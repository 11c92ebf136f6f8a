// SPDX-License-Identifier: MIT
#pragma once

// Weights for Strassen's algorithm (kernels/strassen.hpp): where the quarters B11, B12, B21 and B22 of a piece were, the right operands
//
//     B11 + B22    B12 - B22    B21 - B11    B11
//
// A quarter has m terms of a sum, and columns that are `apart` from those of its neighbour.

#include "tessera/kernels/panels.hpp"

namespace tessera::detail {

// row(column, k, n, to) writes numbers k, k + 1, ... of one column, of one half of a piece: those of W,
template <class Element>
auto weight_row(const Element& element) {
  return [&element](std::ptrdiff_t column, std::ptrdiff_t k, std::ptrdiff_t n, float* to) {
    for (std::ptrdiff_t i = 0; i < n; ++i) to[i] = element(column, k + i);
  };
}
// or what is packed instead of those that row gives. At most 256 of them.
template <class Row>
auto strassen_row(std::ptrdiff_t apart, std::ptrdiff_t m, const Row& row) {
  return [=](std::ptrdiff_t column, std::ptrdiff_t k, std::ptrdiff_t n, float* to) {
    const bool right = column / apart % 2 != 0, lower = k / m % 2 != 0;
    if (right && lower) return row(column - apart, k - m, n, to);
    alignas(64) float other[256];
    row(column, k, n, to);
    row(right || lower ? column : column + apart, lower ? k - m : k + m, n, other);
    const float sign = right || lower ? -1.0F : 1.0F;
    for (std::ptrdiff_t i = 0; i < n; ++i) to[i] += sign * other[i];
  };
}

// Panels of what row gives.
template <Isa I, class Row>
Panels<I> pack_rows(std::ptrdiff_t columns, std::ptrdiff_t inner, std::ptrdiff_t m, const Row& row) {
  return Panels<I>::filled(columns, inner, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
    for (std::ptrdiff_t k = first, n = 0; k < first + count; k += n, to += n) {
      n = std::min((k / m + 1) * m, first + count) - k;
      row(column, k, n, to);
    }
  });
}

}  // namespace tessera::detail
