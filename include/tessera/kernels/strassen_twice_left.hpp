// SPDX-License-Identifier: MIT
#pragma once

// The left operands of two levels of Strassen's algorithm (kernels/strassen_twice.hpp). x is cut into four by four parts. Four of them that
// are two apart make the seven sums of kernels/strassen_left.hpp, and so do, for each of these, the four that are neighbours:
//
//     49 sums of 16 parts, number 7·n + n' for product n of the outer and n' of the inner level
//
// They are made from the rows of x or, without a detour, by the epilogue of the product whose result x is.

#include "tessera/kernels/strassen_left.hpp"

namespace tessera::detail {

template <Isa I>
struct StrassenFourths {
  // The last fourth may have fewer, as if zeros were behind it.
  static constexpr std::ptrdiff_t rows(std::ptrdiff_t all) { return (all + 3) / 4; }
  // m, a fourth of the inner dimension of a piece, in whole panels, so that a piece can be made by another product; 0 if there is none.
  static constexpr std::ptrdiff_t inner(std::ptrdiff_t all) {
    for (const std::ptrdiff_t fourth : {all > 1024 ? 128 : 192, 128})
      if (all % (4 * fourth) == 0 && fourth % panel_width<I> == 0) return fourth;
    return 0;
  }
};

// The parts of a matrix: [i][j] is the one where the halves are cut, i for (upper, left), (upper, right), (lower, left), (lower, right) on
// the outer and j on the inner level.
template <Isa I>
struct SixteenParts {
  Packet<I> at[4][4];
};

// Piece after piece of the inner dimension, of 4m columns each, 49 matrices, a fourth of the rows × m each.
template <Isa I>
class StrassenTwiceLeft {
  using P = Packet<I>;
  using Fourths = StrassenFourths<I>;

 public:
  static constexpr std::size_t floats(std::int64_t rows, std::int64_t inner) {
    return static_cast<std::size_t>(49 * (inner / (4 * Fourths::inner(inner))) * apart(Fourths::rows(rows), Fourths::inner(inner)));
  }
  StrassenTwiceLeft(std::ptrdiff_t rows, std::ptrdiff_t inner, float* memory)
      : rows_(rows), inner_(inner), fourth_(Fourths::rows(rows)), m_(Fourths::inner(inner)), to_(memory) {}

  // From x, rows × inner: what rows [first, first + count) of each fourth belong to.
  void make(const float* x, std::ptrdiff_t first, std::ptrdiff_t count) const {
    using namespace Eigen::internal;
    for (std::ptrdiff_t r = first; r < first + count; ++r)
      for (std::ptrdiff_t piece = 0; piece < inner_; piece += 4 * m_)
        for (std::ptrdiff_t k = piece; k < piece + m_; k += lanes_of<I>) {
          const auto read = [&](std::ptrdiff_t down, std::ptrdiff_t across) {
            const std::ptrdiff_t row = r + down * fourth_;
            return row < rows_ ? ploadu<P>(x + row * inner_ + k + across * m_) : pset1<P>(0.0F);
          };
          SixteenParts<I> parts;
          for (std::size_t i = 0; i < 4; ++i)
            for (std::size_t j = 0; j < 4; ++j) parts.at[i][j] = read(row_part(i, j), column_part(i, j));
          put(parts, at(r, k));
        }
  }
  // work(first, count) for the rows of x that rows [first, first + count) of the fourths are.
  template <class Work>
  void for_rows(std::ptrdiff_t first, std::ptrdiff_t count, const Work& work) const {
    for (std::ptrdiff_t row = first; row < rows_ && row < first + 4 * fourth_; row += fourth_) work(row, std::min(count, rows_ - row));
  }
  // Where put has to begin for a row of the first fourth and a column of the first fourth of a piece.
  float* at(std::ptrdiff_t row, std::ptrdiff_t column) const {
    const std::ptrdiff_t piece = column / (4 * m_) * (4 * m_);
    return matrix(0, piece) + row * m_ + column - piece;
  }
  // From packets of the sixteen parts that belong together.
  EIGEN_ALWAYS_INLINE void put(const SixteenParts<I>& parts, float* to) const {
    const std::ptrdiff_t next = apart(fourth_, m_);
    P sum[4][7];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) left_sums(parts.at[0][j], parts.at[1][j], parts.at[2][j], parts.at[3][j], sum[j]);
#pragma GCC unroll 7
    for (int n = 0; n < 7; ++n) put_left_sums(sum[0][n], sum[1][n], sum[2][n], sum[3][n], to + 7 * n * next, next);
  }
  // Fetches the places that put writes: those of the next row, early enough.
  EIGEN_ALWAYS_INLINE void fetch(const float* place) const {
    for (std::ptrdiff_t n = 0; n < 49; ++n) __builtin_prefetch(place + n * apart(fourth_, m_), 1, 3);
  }

  // Which fourth of the rows and of the columns of a piece part [i][j] is.
  static constexpr std::ptrdiff_t row_part(std::size_t i, std::size_t j) { return static_cast<std::ptrdiff_t>(i / 2 * 2 + j / 2); }
  static constexpr std::ptrdiff_t column_part(std::size_t i, std::size_t j) { return static_cast<std::ptrdiff_t>(i % 2 * 2 + j % 2); }

  std::ptrdiff_t rows() const { return rows_; }
  std::ptrdiff_t fourth() const { return fourth_; }
  // m, which is also the distance of the rows of a matrix.
  std::ptrdiff_t m() const { return m_; }
  // The left operand number 0, 1, ... for the piece that begins with this column.
  float* matrix(std::ptrdiff_t number, std::ptrdiff_t piece) const { return to_ + (49 * (piece / (4 * m_)) + number) * apart(fourth_, m_); }

 private:
  // From matrix to matrix, a cache line more than they have numbers: put writes to all of them, which should not meet in a few sets of a
  // cache.
  static constexpr std::ptrdiff_t apart(std::ptrdiff_t rows, std::ptrdiff_t m) { return rows * m + 16; }

  std::ptrdiff_t rows_, inner_, fourth_, m_;
  float* to_;
};

// Tiles of a product that belong together: the sixteen of so many rows from `row`, `row` + a fourth, ... on and of columns `column`,
// `column` + apart, .... Given are those of the four quarters of the outer products M1 to M7: quarters and products `apart` from each
// other.
template <Isa I>
struct SixteenTiles {
  std::ptrdiff_t row, rows, column;
  const float* products;
  std::ptrdiff_t quarters_apart, products_apart;

  // Number j of the inner level: the four of the outer level, which begin so many rows and columns further on.
  FourTiles<I> four(std::size_t j, std::ptrdiff_t down, std::ptrdiff_t across) const {
    return {row + down, rows, column + across, products + static_cast<std::ptrdiff_t>(j) * quarters_apart, products_apart};
  }
};

// The epilogue of a product whose result h = act(s + bias) is the left operand of another. It wants the tiles of columns together that are
// m apart. h itself is not stored.
template <Isa I, class Activation>
struct StoreTwiceLeft {
  StrassenTwiceLeft<I> left;
  const float* bias;

  void operator()(const SixteenTiles<I>& tiles) const {
    using namespace Eigen::internal;
    using P = Packet<I>;
    constexpr int width = panel_width<I>;
    for (std::ptrdiff_t r = 0; r < tiles.rows; ++r)
      for (int p = 0; p < width; p += lanes_of<I>) {
        SixteenParts<I> parts;
        for (std::size_t j = 0; j < 4; ++j)
          tiles.four(j, 0, 0).at(r * width + p, [&](const P& y11, const P& y12, const P& y21, const P& y22) {
            const auto h = [&](std::size_t i, const P& sum) {
              const P b = ploadu<P>(bias + tiles.column + p + left.column_part(i, j) * left.m());
              parts.at[i][j] = Activation::apply(padd(sum, b));
            };
            h(0, y11);
            h(1, y12);
            h(2, y21);
            h(3, y22);
          });
        float* const to = left.at(tiles.row + r, tiles.column + p);
        left.put(parts, to);
        left.fetch(to + left.m());
      }
  }
};

}  // namespace tessera::detail
