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
// Nothing but the packed weights is kept: sums of weights are made one pair of panels at a time, by the first register tile that needs
// them, and live in the second-level cache. Long inner dimensions are cut into pieces, so that the pieces of a pair of panels fit there.
// Rows that do not fill whole tiles in both halves are multiplied plainly. Rounding errors are about twice those of the plain product.
//
// Strassen 1969, Gaussian elimination is not optimal, Numer. Math. 13.

#include <array>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

template <int Lanes>
class Strassen {
  static constexpr int tile_rows = RegisterTile<Lanes>::rows, width = panel_width<Lanes>;

  static constexpr std::ptrdiff_t half_rows(std::ptrdiff_t rows) { return rows / 2 / tile_rows * tile_rows; }
  // Half of the inner dimension of a piece, in whole packets; 0 if there is none. Rounding errors grow with the inner dimension and shrink
  // with the pieces, additions grow with the pieces: 384 terms are the fastest, but the deepest networks need shorter sums where they are
  // long.
  static constexpr std::ptrdiff_t half_inner(std::ptrdiff_t inner) {
    for (std::ptrdiff_t half = inner > 3072 ? 128 : inner > 1024 ? 192 : 384; half >= 128; half -= Lanes)
      if (inner % (2 * half) == 0) return half;
    return 0;
  }

 public:
  // Additions are paid for by enough tiles of rows and enough terms of a sum.
  static constexpr bool pays(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
    return Lanes > 1 && half_rows(rows) >= 6 * tile_rows && half_inner(inner) > 0 && inner <= 4096 && columns % (2 * width) == 0;
  }

  static constexpr std::size_t scratch_floats(std::int64_t rows, std::int64_t inner) {
    const std::ptrdiff_t half = half_rows(rows);
    return Scratch::rounded(size(5 * half, inner / 2)) + 2 * Scratch::rounded(size(half_inner(inner), width)) +
           Scratch::rounded(size(4 * half, width)) + Scratch::rounded(tile_floats<Lanes>);
  }

  // work(begin, end, scratch) for ranges that make up the rows of a half, one for each worker: the sums of weights are made in each.
  template <class Work>
  static void share(std::ptrdiff_t rows, Scratch& scratch, const Work& work) {
    scratch.split(
        half_rows(rows), tile_rows, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { work(first, first + count, own); }, 1);
  }

  // work(first, count) for the rows that belong to a range of a half; with the last range go those behind both halves.
  template <class Work>
  static void for_rows(std::ptrdiff_t rows, std::ptrdiff_t begin, std::ptrdiff_t end, const Work& work) {
    const std::ptrdiff_t half = half_rows(rows);
    work(begin, end - begin);
    work(half + begin, end - begin);
    if (end == half && 2 * half < rows) work(2 * half, rows - 2 * half);
  }

  // y = x · Wᵀ for the rows that belong to [begin, end), tile by tile to the epilogue. x: rows × inner, row stride `stride`; columns of W
  // as `pays` wants them.
  template <class Epilogue>
  static void multiply(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t begin, std::ptrdiff_t end,
                       const Panels<Lanes>& weights, const Epilogue& epilogue, Scratch& scratch) {
    const std::ptrdiff_t half = half_rows(rows), inner = weights.inner(), m = half_inner(inner), half_columns = weights.columns() / 2;
    const std::ptrdiff_t count = end - begin, tiles = count / tile_rows, share = (m + tiles - 1) / tiles;
    Scratch::Frame frame(scratch);
    float* const left_sums = frame.take(size(5 * count, inner / 2));
    float* right_sum = frame.take(size(m, width));
    float* next_sum = frame.take(size(m, width));
    float* const y = frame.take(size(4 * count, width));
    float* const zeros = frame.take(tile_floats<Lanes>);
    std::fill_n(zeros, tile_floats<Lanes>, 0.0F);
    const float* const upper = x + begin * stride;
    for (std::ptrdiff_t first = 0; first < inner; first += 2 * m)
      add_left(upper + first, half * stride, stride, count, m, left_sums + 5 * count * (first / 2));

    Quarters b(weights.panel(0).data, weights.panel(half_columns).data, m);
    for (std::ptrdiff_t row = 0; row < m; ++row) RightSum(terms[0], b, next_sum).add(row);
    for (std::ptrdiff_t column = 0; column < half_columns; column += width) {
      for (std::ptrdiff_t first = 0; first < inner; first += 2 * m) {
        const Quarters next = column + width == half_columns && first + 2 * m == inner ? b : b.behind();
        for (std::size_t t = 0; t < terms.size(); ++t) {
          const Term& term = terms[t];
          const LeftOperand a = term.left >= 0 ? LeftOperand{left_sums + 5 * count * (first / 2) + term.left * count * m, m, 1}
                                               : LeftOperand{upper + first + (term.left == a22 ? half * stride + m : 0), stride, 1};
          if (term.sign != 0) std::swap(right_sum, next_sum);
          const RightOperand right{term.sign != 0 ? right_sum : b.quarter[term.right], width};
          // Meanwhile the right operand of the next product is made, and the quarters of the next piece are fetched.
          const RightSum coming = t + 1 < terms.size() ? RightSum(terms[t + 1], b, next_sum) : RightSum(terms[0], next, next_sum);
          for (std::ptrdiff_t tile = 0; tile < tiles; ++tile) {
            const auto update = [&](const Update& u) {
              float* const to = y + (4 * tile + u.quarter) * tile_rows * width;
              return Target{to, u.first && first == 0 ? zeros : to, u.sign};
            };
            const Ahead ahead = t < 4 ? Ahead{reinterpret_cast<const char*>(next.quarter[t] + tile * share * width),
                                              share * width * static_cast<std::ptrdiff_t>(sizeof(float)) / m}
                                      : Ahead{reinterpret_cast<const char*>(right.data), 0};
            run(m, {a.data + tile * tile_rows * a.row, a.row, 1}, right, ahead, m / share, coming.part(tile * share, share),
                update(term.one), update(term.other));
          }
        }
        b = next;
      }
      for (std::ptrdiff_t tile = 0; tile < tiles; ++tile)
        for (int quarter = 0; quarter < 4; ++quarter)
          epilogue(Tile{begin + tile * tile_rows + quarter / 2 * half, column + quarter % 2 * half_columns, tile_rows, width,
                        y + (4 * tile + quarter) * tile_rows * width, width});
      if (end == half && 2 * half < rows)
        for (const std::ptrdiff_t c : {column, half_columns + column})
          multiply_panel<Lanes>(rows - 2 * half, inner, {x + 2 * half * stride, stride, 1}, weights.panel(c), RegisterTile<Lanes>::packets,
                                c, width, [&](Tile tile) {
                                  tile.row += 2 * half;
                                  epilogue(tile);
                                });
    }
  }

 private:
  using P = Packet<Lanes>;

  // y[quarter] += sign · M, or = where it is the first.
  struct Update {
    int quarter;
    float sign;
    bool first;
  };
  // One of the products: the left operand, a quarter of x or number 0 to 4 of its sums; b[right] + sign · b[right2]; where it goes.
  static constexpr int a11 = -1, a22 = -2;
  struct Term {
    int left;
    std::size_t right, right2;
    float sign;
    Update one, other;
  };
  static constexpr Update nowhere{-1, 0, false};
  static constexpr std::array<Term, 7> terms{{
      {0, 0, 3, 1, {0, 1, true}, {3, 1, true}},
      {1, 0, 0, 0, {2, 1, true}, {3, -1, false}},
      {a11, 1, 3, -1, {1, 1, true}, {3, 1, false}},
      {a22, 2, 0, -1, {0, 1, false}, {2, 1, false}},
      {2, 3, 3, 0, {0, -1, false}, {1, 1, false}},
      {3, 0, 1, 1, {3, 1, false}, nowhere},
      {4, 2, 3, 1, {0, 1, false}, nowhere},
  }};

  struct Target {
    float* to;
    const float* from;
    float sign;
  };

  static constexpr std::size_t size(std::int64_t rows, std::int64_t columns) { return static_cast<std::size_t>(rows * columns); }

  // The five sums of quarters of a piece, rows × m each, from rows of the upper half and those `below` floats behind them.
  static void add_left(const float* x, std::ptrdiff_t below, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t m, float* sums) {
    using namespace Eigen::internal;
    for (std::ptrdiff_t row = 0; row < rows; ++row, x += stride, sums += m)
      for (std::ptrdiff_t j = 0; j < m; j += Lanes) {
        const float* const q = x + j;
        const P q11 = ploadu<P>(q), q12 = ploadu<P>(q + m), q21 = ploadu<P>(q + below), q22 = ploadu<P>(q + below + m);
        float* const to = sums + j;
        pstoreu(to, padd(q11, q22));
        pstoreu(to + rows * m, padd(q21, q22));
        pstoreu(to + 2 * rows * m, padd(q11, q12));
        pstoreu(to + 3 * rows * m, psub(q21, q11));
        pstoreu(to + 4 * rows * m, psub(q12, q22));
      }
  }

  // The quarters b11, b12, b21, b22 of a piece of a pair of panels. In memory the next piece lies behind it.
  struct Quarters {
    Quarters(const float* left, const float* right, std::ptrdiff_t m)
        : quarter{left, right, left + m * width, right + m * width}, size(m * width) {}
    Quarters behind() const { return {quarter[0] + 2 * size, quarter[1] + 2 * size, size / width}; }
    std::array<const float*, 4> quarter;
    std::ptrdiff_t size;
  };

  // The right operand of a product in the making: rows [0, rows) of b + c or b - c.
  struct RightSum {
    RightSum(const Term& term, const Quarters& from, float* sum)
        : b(from.quarter[term.right]),
          c(from.quarter[term.right2]),
          to(sum),
          rows(term.sign != 0 ? from.size / width : 0),
          negative(term.sign < 0) {}
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

  static void put(const P (&sum)[tile_rows][RegisterTile<Lanes>::packets], Target target) {
    using namespace Eigen::internal;
    const P sign = pset1<P>(target.sign);
#pragma GCC unroll 16
    for (int r = 0; r < tile_rows; ++r)
#pragma GCC unroll 16
      for (int p = 0; p < RegisterTile<Lanes>::packets; ++p) {
        const int at = r * width + p * Lanes;
        pstoreu(target.to + at, pmadd(sum[r][p], sign, ploadu<P>(target.from + at)));
      }
  }

  static EIGEN_DONT_INLINE void run(std::ptrdiff_t m, LeftOperand a, RightOperand b, Ahead ahead, std::ptrdiff_t every,
                                    const RightSum& coming, const Target& one, const Target& other) {
    // Copies, which the stores cannot change.
    const RightSum to_make = coming;
    const Target first = one, second = other;
    sum_products<Lanes, tile_rows, RegisterTile<Lanes>::packets>(
        m, a, b, ahead, every, [to_make](std::ptrdiff_t row) { to_make.add(row); },
        [first, second](const auto& sum) {
          put(sum, first);
          if (second.sign != 0) put(sum, second);
        });
  }
};

}  // namespace tessera::detail
