// SPDX-License-Identifier: MIT
#pragma once

// Matrix product with packed weights by one level of Strassen's algorithm: 7 products of half the size in every direction instead of 8.
// With the rows of x, the inner dimension and the columns of W each cut in two,
//
//     M1 = (A11 + A22)(B11 + B22)    M2 = (A21 + A22) B11    M3 = A11 (B12 - B22)    M4 = A22 (B21 - B11)
//     M5 = (A11 + A12) B22           M6 = (A21 - A11)(B11 + B12)                     M7 = (A12 - A22)(B21 + B22)
//
//     y11 = M1 + M4 - M5 + M7    y12 = M3 + M5    y21 = M2 + M4    y22 = M1 - M2 + M3 + M6
//
// The seven left operands are made once for all columns, from the rows of x or, without a detour, from the product whose result x is.
// Of the weights, the right operands of M1 to M4 are packed instead of the four quarters: the other three are sums of two of those,
//
//     B22 = R1 - B11    B11 + B12 = R1 + R3    B21 + B22 = R1 + R4        R1 = B11 + B22    R3 = B12 - B22    R4 = B21 - B11
//
// They are made one pair of panels at a time, while the product before is multiplied, and live in the second-level cache. Long inner
// dimensions are cut into pieces, so that the pieces of a pair of panels fit there; each product is summed up over all pieces before the
// quarters of y are added up. Rounding errors are about twice those of the plain product.
//
// Strassen 1969, Gaussian elimination is not optimal, Numer. Math. 13.

#include <concepts>

#include "tessera/kernels/strassen_left.hpp"
#include "tessera/kernels/strassen_pack.hpp"
#include "tessera/kernels/strassen_terms.hpp"

namespace tessera::detail {

template <Isa I>
class Strassen {
  using Halves = StrassenHalves<I>;
  using Errands = typename SevenProducts<I>::Errands;
  static constexpr std::ptrdiff_t tile_rows = RegisterTile<I>::rows, width = panel_width<I>;

 public:
  // The sizes that can be cut.
  static constexpr bool fits(std::int64_t inner, std::int64_t columns) {
    return lanes_of<I> > 1 && Halves::inner(inner) > 0 && columns % (2 * width) == 0;
  }

  // Weights for it, with columns that are so far apart in pairs. element(column, k) gives W[column, k].
  template <class Element>
  static Panels<I> pack(std::ptrdiff_t columns, std::ptrdiff_t inner, std::ptrdiff_t apart, Element element) {
    const std::ptrdiff_t m = Halves::inner(inner);
    return pack_rows<I>(columns, inner, m, strassen_row(apart, m, weight_row(element)));
  }

  static constexpr std::size_t scratch_floats(std::int64_t rows, std::int64_t inner) {
    return SevenProducts<I>::scratch_floats(Halves::inner(inner)) + Scratch::rounded(size(7 * Halves::rows(rows), width));
  }

  // work(part, scratch) for parts that make up all rows, one for each worker: the sums of weights are made in each.
  template <class Work>
  static void share(std::ptrdiff_t rows, Scratch& scratch, const Work& work) {
    scratch.split(
        Halves::rows(rows), tile_rows,
        [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { work(StrassenPart<I>{rows, first, first + count}, own); }, 1);
  }

  // y = x · Wᵀ for the rows of a part, packet by packet to the epilogue, or by FourTiles if it takes those. Weights: packed with the same
  // `apart`; of a size that fits.
  template <class Epilogue>
  static void multiply(const StrassenLeft<I>& left, const Panels<I>& weights, std::ptrdiff_t apart, const Epilogue& epilogue,
                       Scratch& scratch) {
    const StrassenPart<I>& part = left.part();
    const std::ptrdiff_t m = left.m(), inner = weights.inner(), columns = weights.columns();
    Scratch::Frame frame(scratch);
    const SevenProducts<I> seven(part.count(), m, frame);
    float* const products = frame.take(size(7 * part.count(), width));

    for (std::ptrdiff_t column = 0; column < columns;) {
      std::ptrdiff_t next_column = column + width;
      if (next_column % (2 * apart) == apart) next_column += apart;
      for (std::ptrdiff_t piece = 0; piece < inner; piece += 2 * m) {
        const bool last = piece + 2 * m == inner;
        const std::ptrdiff_t next_piece = last ? 0 : piece + 2 * m;
        const StrassenQuarters here = strassen_quarters(weights, column, apart, m, piece);
        const StrassenQuarters next =
            strassen_quarters(weights, last && next_column < columns ? next_column : column, apart, m, next_piece);
        seven.run(
            here, [&](std::ptrdiff_t number) { return left.matrix(number, piece); }, left.matrix(0, next_piece),
            [&](std::size_t t) {
              const int fetches = strassen_terms[t].fetches;
              const StrassenQuarters& from = t + 1 < strassen_terms.size() ? here : next;
              return Errands{{}, fetches < 0 ? nullptr : from[static_cast<std::size_t>(fetches)]};
            },
            products, part.count() * width, piece > 0);
      }
      for (std::ptrdiff_t row = part.begin; row < part.end; row += tile_rows) {
        const FourTiles<I> sums{row, std::min(tile_rows, part.end - row), column, products + (row - part.begin) * width,
                                    part.count() * width};
        if constexpr (std::invocable<const Epilogue&, FourTiles<I>>) {
          epilogue(sums);
        } else {
          finish(sums, part.rows - row - part.half(), part.half(), apart, epilogue);
        }
      }
      column = next_column;
    }
  }

 private:
  static constexpr std::size_t size(std::int64_t rows, std::int64_t columns) { return static_cast<std::size_t>(rows * columns); }
};

}  // namespace tessera::detail
