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

#include <array>
#include <concepts>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/strassen_left.hpp"

namespace tessera::detail {

template <int Lanes>
class Strassen {
  using P = Packet<Lanes>;
  using Halves = StrassenHalves<Lanes>;
  static constexpr int tile_rows = RegisterTile<Lanes>::rows, width = panel_width<Lanes>;
  static constexpr std::ptrdiff_t float_size = sizeof(float);

 public:
  // Additions are paid for by enough tiles of rows, enough terms of a sum and enough columns.
  static constexpr bool pays(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
    return Lanes > 1 && rows >= 12 * tile_rows && std::min(inner, columns) >= 256 && inner <= 4096 && Halves::inner(inner) > 0 &&
           columns % (2 * width) == 0;
  }

  // Weights for it, with columns that are so far apart in pairs. element(column, k) gives W[column, k].
  template <class Element>
  static Panels<Lanes> pack(std::ptrdiff_t columns, std::ptrdiff_t inner, std::ptrdiff_t apart, Element element) {
    const std::ptrdiff_t m = Halves::inner(inner);
    return Panels<Lanes>::filled(columns, inner, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
      const bool right = column / apart % 2 != 0;
      const std::ptrdiff_t c = right ? column - apart : column;
      for (std::ptrdiff_t k = first; k < first + count;) {
        // Up to the end of this half of a piece.
        const bool lower = k / m % 2 != 0;
        const std::ptrdiff_t n = std::min((k / m + 1) * m, first + count) - k, i = lower ? k - m : k;
        const auto write = [&](const auto& sum) {
          for (std::ptrdiff_t t = 0; t < n; ++t) to[t] = sum(i + t);
        };
        if (right && lower) {
          write([&](std::ptrdiff_t at) { return element(c, at); });
        } else if (right) {
          write([&](std::ptrdiff_t at) { return element(c + apart, at) - element(c + apart, at + m); });
        } else if (lower) {
          write([&](std::ptrdiff_t at) { return element(c, at + m) - element(c, at); });
        } else {
          write([&](std::ptrdiff_t at) { return element(c, at) + element(c + apart, at + m); });
        }
        k += n;
        to += n;
      }
    });
  }

  static constexpr std::size_t scratch_floats(std::int64_t rows, std::int64_t inner) {
    return 2 * Scratch::rounded(size(Halves::inner(inner), width)) + Scratch::rounded(size(7 * Halves::rows(rows), width));
  }

  // work(part, scratch) for parts that make up all rows, one for each worker: the sums of weights are made in each.
  template <class Work>
  static void share(std::ptrdiff_t rows, Scratch& scratch, const Work& work) {
    scratch.split(
        Halves::rows(rows), tile_rows,
        [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { work(StrassenPart<Lanes>{rows, first, first + count}, own); }, 1);
  }

  // y = x · Wᵀ for the rows of a part, packet by packet to the epilogue, or by FourTiles if it takes those. Weights: packed with the same
  // `apart`; their size as `pays` wants it.
  template <class Epilogue>
  static void multiply(const StrassenLeft<Lanes>& left, const Panels<Lanes>& weights, std::ptrdiff_t apart, const Epilogue& epilogue,
                       Scratch& scratch) {
    const StrassenPart<Lanes>& part = left.part();
    const std::ptrdiff_t m = left.m(), inner = weights.inner(), columns = weights.columns();
    const std::ptrdiff_t tiles = part.count() / tile_rows, share = (m + tiles - 1) / tiles;
    // Even where it can be: sum_products takes two k at a time.
    const std::ptrdiff_t every = std::max<std::ptrdiff_t>(m / share / 2 * 2, 1);
    Scratch::Frame frame(scratch);
    float* right_sum = frame.take(size(m, width));
    float* next_sum = frame.take(size(m, width));
    float* const products = frame.take(size(7 * part.count(), width));

    Quarters b(weights, 0, apart, m);
    for (std::ptrdiff_t column = 0; column < columns;) {
      std::ptrdiff_t next_column = column + width;
      if (next_column % (2 * apart) == apart) next_column += apart;
      for (std::ptrdiff_t piece = 0; piece < inner; piece += 2 * m) {
        const bool last = piece + 2 * m == inner;
        const Quarters next = !last ? b.behind(m) : next_column < columns ? Quarters(weights, next_column, apart, m) : b;
        for (std::size_t t = 0; t < terms.size(); ++t) {
          const Term& term = terms[t];
          const float* const a = left.matrix(term.number, piece);
          if (term.sign != 0) std::swap(right_sum, next_sum);
          const float* const right = term.sign != 0 ? right_sum : b.quarter[term.right];
          const float* const next_left =
              t + 1 < terms.size() ? left.matrix(terms[t + 1].number, piece) : left.matrix(terms[0].number, last ? 0 : piece + 2 * m);
          // Meanwhile the right operand of the next product is made, or a quarter of the weights is fetched, and the left operand.
          const RightSum coming(terms[(t + 1) % terms.size()], b, m, next_sum);
          float* const product = products + term.number * part.count() * width;
          for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
            const float* const following = tile + 1 < tiles ? a + (tile + 1) * tile_rows * m : next_left;
            Ahead ahead{bytes(following), bytes(right), 0};
            if (term.fetches >= 0) {
              const Quarters& from = t + 1 < terms.size() ? b : next;
              ahead.right = bytes(from.quarter[static_cast<std::size_t>(term.fetches)] + tile * share * width);
              ahead.right_step = share * width * float_size / m;
            }
            const LeftOperand rows{a + tile * tile_rows * m, m};
            run(m, rows, right, ahead, every, coming.part(tile * share, share), product + tile * tile_rows * width, piece > 0);
          }
        }
        b = next;
      }
      for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
        const std::ptrdiff_t row = part.begin + tile * tile_rows;
        const FourTiles<Lanes> sums{row, column, products + tile * tile_rows * width, part.count() * width};
        if constexpr (std::invocable<const Epilogue&, FourTiles<Lanes>>) {
          epilogue(sums);
        } else {
          finish(sums, part.rows - row, part.rows - row - part.half(), part.half(), apart, epilogue);
        }
      }
      column = next_column;
    }
  }

 private:
  // One of the products, M1 being number 0: its right operand, packed[right] + sign · packed[right2], and what is fetched meanwhile because
  // it is the next to be used, a quarter of the same piece or, behind the last product, of the next one. Fetched earlier, some of it would
  // have left the second-level cache again.
  struct Term {
    std::ptrdiff_t number;
    std::size_t right, right2;
    float sign;
    int fetches;
  };
  // In another order than M1 to M7, so that a sum of weights follows a product that has none.
  static constexpr std::array<Term, 7> terms{{
      {0, 0, 0, 0, 3},
      {1, 3, 3, 0, -1},
      {4, 0, 3, -1, 1},
      {2, 1, 1, 0, -1},
      {5, 1, 0, 1, 2},
      {3, 2, 2, 0, -1},
      {6, 2, 0, 1, 0},
  }};

  static constexpr std::size_t size(std::int64_t rows, std::int64_t columns) { return static_cast<std::size_t>(rows * columns); }

  // What is packed where B11, B12, B21 and B22 were: B11 + B22, B12 - B22, B21 - B11 and B11, of the first piece of the panels at `column`
  // and so far apart. Pieces follow each other.
  struct Quarters {
    Quarters(const Panels<Lanes>& weights, std::ptrdiff_t column, std::ptrdiff_t apart, std::ptrdiff_t m) {
      const float* const left = weights.panel(column);
      const float* const right = weights.panel(column + apart);
      quarter = {left, right, left + m * width, right + m * width};
    }
    Quarters behind(std::ptrdiff_t m) const {
      Quarters next = *this;
      for (const float*& q : next.quarter) q += 2 * m * width;
      return next;
    }
    std::array<const float*, 4> quarter;
  };

  // The right operand of a product in the making: rows [0, rows) of b + c or b - c.
  struct RightSum {
    RightSum(const Term& term, const Quarters& from, std::ptrdiff_t m, float* sum)
        : b(from.quarter[term.right]), c(from.quarter[term.right2]), to(sum), rows(term.sign != 0 ? m : 0), negative(term.sign < 0) {}
    // From this row on, at most this many.
    RightSum part(std::ptrdiff_t first, std::ptrdiff_t count) const {
      RightSum rest = *this;
      rest.b += first * width;
      rest.c += first * width;
      rest.to += first * width;
      rest.rows = std::min(count, rows - first);
      return rest;
    }
    EIGEN_ALWAYS_INLINE void add(std::ptrdiff_t row) const {
      using namespace Eigen::internal;
      if (row >= rows) return;
      const std::ptrdiff_t at = row * width;
      if (negative) {
#pragma GCC unroll 16
        for (int j = 0; j < width; j += Lanes) pstoreu(to + at + j, psub(ploadu<P>(b + at + j), ploadu<P>(c + at + j)));
      } else {
#pragma GCC unroll 16
        for (int j = 0; j < width; j += Lanes) pstoreu(to + at + j, padd(ploadu<P>(b + at + j), ploadu<P>(c + at + j)));
      }
    }
    const float* b;
    const float* c;
    float* to;
    std::ptrdiff_t rows;
    bool negative;
  };

  // One register tile of a product: its sums go to `to`, or are added to what is there.
  static EIGEN_DONT_INLINE void run(std::ptrdiff_t m, LeftOperand a, const float* b, Ahead ahead, std::ptrdiff_t every,
                                    const RightSum& coming, float* to, bool add_to_it) {
    constexpr int packets = RegisterTile<Lanes>::packets;
    // A copy, which the stores cannot change.
    const RightSum to_make = coming;
    sum_products<Lanes, tile_rows, packets>(
        m, a, b, ahead, from_zero<Lanes>, every, [to_make](std::ptrdiff_t row) { to_make.add(row); },
        [to, add_to_it](const P(&sum)[tile_rows][packets]) { store_sums<Lanes>(sum, to, add_to_it); });
  }
};

}  // namespace tessera::detail
