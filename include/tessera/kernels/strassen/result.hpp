// SPDX-License-Identifier: MIT
#pragma once

// The end of Strassen's algorithm (kernels/strassen/strassen.hpp): the quarters of the result, tile by tile, from the seven products,
//
//     y11 = M1 + M4 - M5 + M7    y12 = M3 + M5    y21 = M2 + M4    y22 = M1 - M2 + M3 + M6

#include "tessera/kernels/product.hpp"
#include "tessera/kernels/strassen/split.hpp"

namespace tessera::detail {

// Tiles of the products M1 to M7, `apart` from each other.
template <Isa I>
struct SevenTiles {
  using P = Packet<I>;
  const float* products;
  std::ptrdiff_t apart;

  // The packets of y11, y12, y21 and y22 at one place of the tiles.
  EIGEN_ALWAYS_INLINE void at(std::ptrdiff_t place, P (&y)[4]) const {
    using namespace Eigen::internal;
    const auto m = [&](std::ptrdiff_t number) { return ploadu<P>(products + number * apart + place); };
    const P m1 = m(0), m2 = m(1), m3 = m(2), m4 = m(3), m5 = m(4), m6 = m(5), m7 = m(6);
    y[0] = padd(psub(padd(m1, m4), m5), m7);
    y[1] = padd(m3, m5);
    y[2] = padd(m2, m4);
    y[3] = padd(padd(psub(m1, m2), m3), m6);
  }
};

// Tiles of the parts of a product that belong together: `rows` rows from `row` on in every strip of rows, and a panel's columns from
// `column` on and from some further on in every strip of columns. Given are the outermost seven products. By two levels each of them is
// complete and lies in four quarters.
template <Isa I, int Levels>
struct StrassenTiles {
  std::ptrdiff_t row, rows, column;
  const float* products;
  std::ptrdiff_t products_apart, quarters_apart;

  // The part with the last digit j (only 0 with one level) of each of the four outermost quarters.
  SevenTiles<I> four(int j) const { return {products + j * quarters_apart, products_apart}; }
};

// Where the parts of a result lie: strips of `strip` rows of a matrix with `rows` rows, strips of columns `across` apart.
struct ResultStrips {
  std::ptrdiff_t rows, strip, across;
};

// Puts tiles through an epilogue: of the last strip only the rows that exist. What is stored or added, perhaps with a gain, goes to y from
// registers (straight), and places of y are fetched a few rows ahead, which may be the next tile's. The rest goes through memory, a row of
// each quarter at a time.
template <Isa I, int Levels>
EIGEN_DONT_INLINE void finish(const StrassenTiles<I, Levels>& tiles, const ResultStrips& strips, const Epilogue& given) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int width = panel_width<I>, inner_parts = Split<I, Levels>::parts / 4;
  const Epilogue epilogue = given;  // a copy, which the stores cannot change
  const std::ptrdiff_t half = Split<I, Levels>::strips / 2 * strips.strip, across = Split<I, Levels>::strips / 2 * strips.across;
  const bool of_channel = epilogue.bias_of == BiasOf::channel, of_token = epilogue.bias_of == BiasOf::token;
  const auto for_sums = [&](const auto& take, const auto& end_row) __attribute__((always_inline)) {
    for (int j = 0; j < inner_parts; ++j) {
      const SevenTiles<I> seven = tiles.four(j);
      const std::ptrdiff_t top = tiles.row + strip_of_rows(j, Levels - 1) * strips.strip;
      const std::ptrdiff_t left = tiles.column + strip_of_columns(j, Levels - 1) * strips.across;
      for (std::ptrdiff_t r = 0; r < tiles.rows && top + r < strips.rows; ++r) {
        const std::ptrdiff_t n = top + r;
        const int quarters = n + half < strips.rows ? 4 : 2;
        const P upper = pset1<P>(of_token ? epilogue.bias[n] : 0.0F);
        const P lower = pset1<P>(of_token && quarters == 4 ? epilogue.bias[n + half] : 0.0F);
        for (int c = 0; c < width; c += lanes_of<I>) {
          P y[4];
          seven.at(r * width + c, y);
#pragma GCC unroll 4
          for (int q = 0; q < 4; ++q) {
            if (q == quarters) break;
            const std::ptrdiff_t column = left + c + q % 2 * across;
            const P bias = of_channel ? ploadu<P>(epilogue.bias + column) : q < 2 ? upper : lower;
            take(q, c, n + q / 2 * half, column, padd(y[q], bias));
          }
        }
        end_row(n, left, quarters);
      }
    }
  };
  const auto straight = [&]<Combine How>(CombineConstant<How>) {
    for_sums(
        [&](int, int, std::ptrdiff_t row, std::ptrdiff_t column, const P& sum) __attribute__((always_inline)) {
          float* const to = epilogue.y + row * epilogue.stride + column;
          pstoreu(to, combined<How>(epilogue, row, column, sum, P(ploadu<P>(to))));
          __builtin_prefetch(to + 4 * epilogue.stride, 1, 3);
        },
        [](std::ptrdiff_t, std::ptrdiff_t, int) {});
  };
  if (epilogue.activation.none()) {
    if (epilogue.combine == Combine::store) return straight(CombineConstant<Combine::store>{});
    if (epilogue.combine == Combine::add) return straight(CombineConstant<Combine::add>{});
    if (epilogue.combine == Combine::add_gain) return straight(CombineConstant<Combine::add_gain>{});
  }
  alignas(64) float memory[static_cast<std::size_t>(4 * width)];
  for_sums([&](int q, int c, std::ptrdiff_t, std::ptrdiff_t, const P& sum) { pstoreu(memory + q * width + c, sum); },
           [&](std::ptrdiff_t n, std::ptrdiff_t left, int quarters) {
             for (int q = 0; q < quarters; ++q)
               finish<I>(epilogue, Tile{n + q / 2 * half, left + q % 2 * across, 1, width, memory + q * width, width});
           });
}

}  // namespace tessera::detail
