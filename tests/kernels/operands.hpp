// SPDX-License-Identifier: MIT
#pragma once

// A product of numbers in ±0.5 for tests of algorithms that round more than plain sums.

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/epilogue.hpp"
#include "tessera/kernels/weight_matrix.hpp"

struct Size {
  std::ptrdiff_t rows, inner, columns;
};

class Operands {
 public:
  explicit Operands(Size size) : size_(size), x_(numbers("x", size.rows * size.inner)), w_(numbers("w", size.columns * size.inner)) {}

  const Size& size() const { return size_; }
  std::size_t results() const { return static_cast<std::size_t>(size_.rows * size_.columns); }
  const float* x() const { return x_.data(); }
  float w(std::ptrdiff_t column, std::ptrdiff_t k) const { return w_[static_cast<std::size_t>(column * size_.inner + k)]; }
  tessera::detail::WeightMatrix weights() const { return {.data = w_.data(), .columns = size_.columns, .inner = size_.inner}; }
  tessera::detail::Epilogue store(std::vector<float>& y) const { return {.y = y.data(), .stride = size_.columns}; }

  // y against a plain loop in double; at most so many roundings of sums of this size, which is about √inner / 12.
  void check(const std::vector<float>& y, double roundings) const {
    const double tolerance = roundings * 6e-8 * std::sqrt(static_cast<double>(size_.inner)) / 12;
    for (std::ptrdiff_t row = 0; row < size_.rows; ++row)
      for (std::ptrdiff_t column = row % 7; column < size_.columns; column += 7)
        REQUIRE(std::abs(y[static_cast<std::size_t>(row * size_.columns + column)] - exact(row, column)) < tolerance);
  }

 private:
  double exact(std::ptrdiff_t row, std::ptrdiff_t column) const {
    double sum = 0;
    for (std::ptrdiff_t k = 0; k < size_.inner; ++k)
      sum += double{x_[static_cast<std::size_t>(row * size_.inner + k)]} * double{w(column, k)};
    return sum;
  }

  Size size_;
  std::vector<float> x_, w_;
};
