// SPDX-License-Identifier: MIT
#pragma once

// The end of Strassen's algorithm (kernels/strassen.hpp): the four quarters of the result, tile by tile, from the seven products,
//
//     y11 = M1 + M4 - M5 + M7    y12 = M3 + M5    y21 = M2 + M4    y22 = M1 - M2 + M3 + M6

#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// Tiles of the four quarters of a product that belong together: so many rows from `row` on and from half of the rows further on, columns
// from `column` on and from some further on. Given are those of the products M1 to M7, `apart` from each other.
template <Isa I>
struct FourTiles {
  using P = Packet<I>;
  std::ptrdiff_t row, rows, column;
  const float* products;
  std::ptrdiff_t apart;

  // take(y11, y12, y21, y22), the packets at one place of the tiles.
  template <class Take>
  EIGEN_ALWAYS_INLINE void at(std::ptrdiff_t place, const Take& take) const {
    using namespace Eigen::internal;
    const auto m = [&](std::ptrdiff_t number) { return ploadu<P>(products + number * apart + place); };
    const P m1 = m(0), m2 = m(1), m3 = m(2), m4 = m(3), m5 = m(4), m6 = m(5), m7 = m(6);
    take(padd(psub(padd(m1, m4), m5), m7), padd(m3, m5), padd(m2, m4), padd(padd(psub(m1, m2), m3), m6));
  }
};

// Puts four tiles through an epilogue: of the lower tiles, which are `half` rows further down, so many rows as there are, and that may be
// none; columns on the right `across` further on. Places of y are fetched a few rows ahead, which may be the next tile's.
template <Isa I, class Epilogue>
void finish(const FourTiles<I>& tiles, std::ptrdiff_t lower_rows, std::ptrdiff_t half, std::ptrdiff_t across,
            const Epilogue& epilogue) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int width = panel_width<I>;
  const auto put = [&](std::ptrdiff_t n, std::ptrdiff_t c, const P& sum) {
    float* const to = epilogue.y + n * epilogue.stride + c;
    pstoreu(to, epilogue.update(n, c, padd(sum, start_of<P>(epilogue, n, c)), P(ploadu<P>(to))));
    __builtin_prefetch(to + 4 * epilogue.stride, 1, 3);
  };
  for (std::ptrdiff_t r = 0; r < tiles.rows; ++r)
    for (int j = 0; j < width; j += lanes_of<I>)
      tiles.at(r * width + j, [&](const P& y11, const P& y12, const P& y21, const P& y22) {
        const std::ptrdiff_t n = tiles.row + r, c = tiles.column + j;
        put(n, c, y11);
        put(n, c + across, y12);
        if (r >= lower_rows) return;
        put(n + half, c, y21);
        put(n + half, c + across, y22);
      });
}

}  // namespace tessera::detail
