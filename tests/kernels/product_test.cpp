// SPDX-License-Identifier: MIT
//
// The product with packed weights against a plain loop in double, on sizes that use every path: full and incomplete tiles, short and
// long sums; and the same bits in whichever tile a sum is computed.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/shared_product.hpp"

using namespace tessera;
using namespace tessera::detail;

TEST_CASE("Rows are cut into as few tiles as can be, of nearly equal height") {
  constexpr int most = RegisterTile<isa>::rows;
  for (int rows = 1; rows <= 100; ++rows) {
    CAPTURE(rows);
    const EvenTiles<isa> tiles(rows);
    REQUIRE(tiles.count == (rows + most - 1) / most);
    std::vector<int> heights;
    for (std::ptrdiff_t tile = 0; tile < tiles.count; ++tile) {
      REQUIRE(tiles.first(tile + 1) - tiles.first(tile) == tiles.height(tile));
      heights.push_back(tiles.height(tile));
    }
    REQUIRE(tiles.first(tiles.count) == rows);
    const auto [lowest, highest] = std::minmax_element(heights.begin(), heights.end());
    REQUIRE(*lowest > 0);
    REQUIRE(*highest <= most);
    REQUIRE(*highest - *lowest <= 1);
  }
}

TEST_CASE("Rows that would be one block are one for each worker if there are enough of them") {
  constexpr std::int64_t tile = RegisterTile<isa>::rows;
  for (int workers = 1; workers <= 8; ++workers)
    for (std::int64_t rows = 1; rows < 10 * workers * tile; ++rows) {
      CAPTURE(workers, rows);
      const std::int64_t block = even_block_rows<isa>(rows, 10 * workers * tile, workers);
      REQUIRE((block % tile == 0 || block == rows));
      REQUIRE((rows + block - 1) / block == (rows < workers * enough_rows<isa> ? 1 : workers));
    }
}

TEST_CASE("A product with packed weights is the sum of products, with the same bits in every tile") {
  // More rows than go through a long panel in pieces.
  constexpr std::ptrdiff_t few = 2 * RegisterTile<isa>::rows + 3, rows = few + 7 * RegisterTile<isa>::rows;
  constexpr std::ptrdiff_t columns = 2 * panel_width<isa> + lanes + 1;
  const std::vector<float> bias = numbers("bias", columns + lanes);
  for (const std::ptrdiff_t inner : {1, 30, 256, 257, 700, 1025}) {
    CAPTURE(inner);
    const std::vector<float> x = numbers("x", rows * inner), w = numbers("w", columns * inner);
    const Panels<isa> weights(WeightMatrix{.data = w.data(), .columns = columns, .inner = inner});
    const auto multiply = [&](RowRange range, std::vector<float>& y) {
      Scratch scratch(0);
      const Epilogue add{.y = y.data(), .stride = columns, .bias_of = BiasOf::channel, .bias = bias.data(), .combine = Combine::add};
      multiply_panels<isa>(x.data(), inner, range, weights, add, scratch);
    };
    std::vector<float> y(static_cast<std::size_t>(rows * columns), 1.0F), alone = y;
    multiply({0, rows}, y);
    std::vector<float> some(static_cast<std::size_t>(rows * columns), 1.0F);
    multiply({0, few}, some);
    REQUIRE(std::equal(y.begin(), y.begin() + few * columns, some.begin()));
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      // Rows in front of the range and behind it stay as they were.
      multiply({row, 1}, alone);
      REQUIRE(std::equal(y.begin(), y.begin() + (row + 1) * columns, alone.begin()));
      REQUIRE(std::all_of(alone.begin() + (row + 1) * columns, alone.end(), [](float v) { return v == 1.0F; }));
      for (std::ptrdiff_t c = 0; c < columns; ++c) {
        double sum = 1.0 + double{bias[static_cast<std::size_t>(c)]};
        for (std::ptrdiff_t k = 0; k < inner; ++k)
          sum += double{x[static_cast<std::size_t>(row * inner + k)]} * double{w[static_cast<std::size_t>(c * inner + k)]};
        REQUIRE(std::abs(y[static_cast<std::size_t>(row * columns + c)] - sum) < 1e-5);
      }
    }
  }
}
