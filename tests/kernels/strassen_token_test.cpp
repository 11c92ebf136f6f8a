// SPDX-License-Identifier: MIT
//
// Strassen's algorithm for token mixing against sums in double precision: rows that do and do not fill the last register tile, odd halves
// of the inner dimension, several pairs of panels, any number of workers.

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/strassen/token.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

constexpr std::ptrdiff_t pair = 2 * panel_width<isa>;
using Right = StrassenRight<isa>;

std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }

// The right operands of a product with two panels of x, rows × columns, from the column `first` on.
Right right_of(const std::vector<float>& x, std::ptrdiff_t columns, std::ptrdiff_t rows, std::ptrdiff_t first, std::vector<float>& memory,
               Scratch& scratch) {
  return Right::gathered(x.data(), columns, rows, first, GatherAsIs{}, memory.data(), scratch);
}

// y = W · x + bias, x and y with so many columns.
struct OverTokens {
  OverTokens(std::ptrdiff_t all_rows, std::ptrdiff_t terms, std::ptrdiff_t all_columns)
      : rows(all_rows),
        inner(terms),
        columns(all_columns),
        w(numbers("w", rows * inner)),
        x(numbers("x", inner * columns)),
        bias(numbers("bias", rows)),
        pairs(w.data(), rows, inner) {}

  std::vector<float> strassen(Workers* workers = nullptr) const {
    std::vector<float> y(at(rows * columns), NAN), memory(Right::floats(inner));
    Scratch scratch(0, workers);
    for (std::ptrdiff_t first = 0; first < columns; first += pair) {
      const Right right = right_of(x, columns, inner, first, memory, scratch);
      pairs.multiply(right.data, first, Epilogue{.y = y.data(), .stride = columns, .bias_of = BiasOf::token, .bias = bias.data()}, scratch);
    }
    return y;
  }
  double exact(std::ptrdiff_t row, std::ptrdiff_t column) const {
    double sum = bias[at(row)];
    for (std::ptrdiff_t k = 0; k < inner; ++k) sum += double{w[at(row * inner + k)]} * double{x[at(k * columns + column)]};
    return sum;
  }

  std::ptrdiff_t rows, inner, columns;
  std::vector<float> w, x, bias;
  TokenStrassen<isa> pairs;
};

}  // namespace

TEST_CASE("Strassen's algorithm over tokens gives the product, with the same bits for every number of workers") {
  const std::ptrdiff_t sizes[][3] = {{196, 196, pair}, {392, 784, pair}, {200, 198, 2 * pair}, {784, 392, pair}, {2, 4, 3 * pair}};
  for (const auto& [rows, inner, columns] : sizes) {
    CAPTURE(rows, inner, columns);
    const OverTokens product(rows, inner, columns);
    const std::vector<float> y = product.strassen();
    // A hundred roundings of sums of this size, which is about √inner / 12.
    const double tolerance = 100 * 6e-8 * (std::sqrt(static_cast<double>(inner)) / 12 + 1);
    for (std::ptrdiff_t row = 0; row < rows; ++row)
      for (std::ptrdiff_t column = row % 7; column < columns; column += 7)
        REQUIRE(std::abs(y[at(row * columns + column)] - product.exact(row, column)) < tolerance);
    for (const int threads : {2, 3}) {
      ThreadPoolWorkers workers(threads);
      REQUIRE(product.strassen(&workers) == y);
    }
  }
}

TEST_CASE("A product over tokens that makes the right operands of the next one gives what its stored result gives") {
  for (const std::ptrdiff_t hidden : {196, 200, 384}) {
    CAPTURE(hidden);
    const OverTokens first(hidden, 196, pair);
    std::vector<float> memory1(Right::floats(196)), straight(Right::floats(hidden)), stored(Right::floats(hidden)), h(at(hidden * pair));
    Scratch scratch(0);
    const Right right1 = right_of(first.x, pair, 196, 0, memory1, scratch), from_product{straight.data(), hidden / 2};
    const Activation gelu{.function = activate<isa, GeluKernel>};
    first.pairs.multiply(right1.data, 0, StoreRight<isa, GeluKernel>{from_product, first.bias.data()}, scratch);
    first.pairs.multiply(right1.data, 0,
                         Epilogue{.y = h.data(), .stride = pair, .bias_of = BiasOf::token, .bias = first.bias.data(), .activation = gelu},
                         scratch);
    right_of(h, pair, hidden, 0, stored, scratch);
    // Compilers may fuse the last multiplication of a GELU with the addition behind it.
    for (std::size_t i = 0; i < stored.size(); ++i) REQUIRE(std::abs(straight[i] - stored[i]) < 2e-6F);
  }
}
