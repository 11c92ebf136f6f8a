// SPDX-License-Identifier: MIT
#pragma once

// The left operands of the products of Strassen's algorithm (kernels/strassen/strassen.hpp): sums of the four quarters of x,
//
//     A11 + A22    A21 + A22    A11    A22    A11 + A12    A21 - A11    A12 - A22
//
// or, by two levels, the same sums of the quarters of each of these: 49 sums of 16 parts, number 7·n + n' for product n of the outer and n'
// of the inner level. They are made from the rows of x or, without a detour, by the product whose result x is (StoreLeft).

#include "tessera/kernels/activations.hpp"
#include "tessera/kernels/strassen/result.hpp"

namespace tessera::detail {

// The seven sums of packets, or single floats, of the four quarters that belong together.
template <class P>
EIGEN_ALWAYS_INLINE void left_sums(const P& q11, const P& q12, const P& q21, const P& q22, P (&sum)[7]) {
  using namespace Eigen::internal;
  sum[0] = padd(q11, q22);
  sum[1] = padd(q21, q22);
  sum[2] = q11;
  sum[3] = q22;
  sum[4] = padd(q11, q12);
  sum[5] = psub(q21, q11);
  sum[6] = psub(q12, q22);
}
// The same to memory, `next` from each other.
template <class P>
EIGEN_ALWAYS_INLINE void put_left_sums(const P& q11, const P& q12, const P& q21, const P& q22, float* to, std::ptrdiff_t next) {
  P sum[7];
  left_sums(q11, q12, q21, q22, sum);
#pragma GCC unroll 7
  for (int n = 0; n < 7; ++n) Eigen::internal::pstoreu(to + n * next, sum[n]);
}
// Of sixteen parts, 49 sums.
template <class P>
EIGEN_ALWAYS_INLINE void put_left_sums(const P (&part)[16], float* to, std::ptrdiff_t next) {
  P sum[4][7];
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) left_sums(part[j], part[4 + j], part[8 + j], part[12 + j], sum[j]);
#pragma GCC unroll 7
  for (int n = 0; n < 7; ++n) put_left_sums(sum[0][n], sum[1][n], sum[2][n], sum[3][n], to + 7 * n * next, next);
}
template <class P>
EIGEN_ALWAYS_INLINE void put_left_sums(const P (&part)[4], float* to, std::ptrdiff_t next) {
  put_left_sums(part[0], part[1], part[2], part[3], to, next);
}

// Piece after piece of the inner dimension, 7^Levels matrices of as many rows as `rows` has of a strip, m columns each.
template <Isa I, int Levels>
class StrassenLeft {
  using P = Packet<I>;
  using Cut = Split<I, Levels>;
  // Columns of a strip that are read together.
  static constexpr std::ptrdiff_t at_once = 64;

 public:
  // Memory for all rows of a product.
  static constexpr std::size_t floats(std::int64_t rows, std::int64_t inner) {
    const auto m = Cut::terms(static_cast<std::ptrdiff_t>(inner));
    return static_cast<std::size_t>(Cut::products * (inner / (Cut::strips * m)) * apart(Cut::rows(static_cast<std::ptrdiff_t>(rows)), m));
  }
  StrassenLeft(const StripRows& rows, std::ptrdiff_t inner, float* memory)
      : rows_(rows), inner_(inner), m_(Cut::terms(inner)), to_(memory) {}

  // Some of the rows, which `some` has, from x: rows × inner.
  void make(const float* x, const StripRows& some) const {
    using namespace Eigen::internal;
    for (std::ptrdiff_t row = some.begin; row < some.end; ++row)
      for (std::ptrdiff_t piece = 0; piece < inner_; piece += Cut::strips * m_) {
        // After the last row there are zeros.
        const float* strip[Cut::strips];
        for (int s = 0; s < Cut::strips; ++s) {
          const std::ptrdiff_t r = row + s * rows_.strip;
          strip[s] = r < rows_.rows ? x + r * inner_ + piece : nullptr;
        }
        for (std::ptrdiff_t k = 0; k < m_; k += at_once) {
          alignas(64) float parts[static_cast<std::size_t>(at_once * Cut::parts)];
          const std::ptrdiff_t count = std::min(at_once, m_ - k);
          for (int p = 0; p < Cut::parts; ++p) {
            const float* const from = strip[strip_of_rows(p, Levels)];
            for (std::ptrdiff_t i = 0; i < count; i += lanes_of<I>)
              pstoreu(parts + i * Cut::parts + p * lanes_of<I>,
                      from == nullptr ? pset1<P>(0.0F) : ploadu<P>(from + k + i + strip_of_columns(p, Levels) * m_));
          }
          float* const to = at(row, piece) + k;
          for (std::ptrdiff_t i = 0; i < count; i += lanes_of<I>) {
            P part[Cut::parts];
#pragma GCC unroll 16
            for (int p = 0; p < Cut::parts; ++p) part[p] = ploadu<P>(parts + i * Cut::parts + p * lanes_of<I>);
            put(part, to + i);
          }
        }
      }
  }
  // Where `put` begins for a row of the first strip and a column of the first strip of a piece.
  float* at(std::ptrdiff_t row, std::ptrdiff_t column) const {
    const std::ptrdiff_t piece = column / (Cut::strips * m_) * (Cut::strips * m_);
    return matrix(0, piece) + (row - rows_.begin) * m_ + column - piece;
  }
  // From packets of all parts that belong together.
  EIGEN_ALWAYS_INLINE void put(const P (&part)[Cut::parts], float* to) const { put_left_sums(part, to, apart()); }
  // Fetches, for writing, what `put` writes to.
  EIGEN_ALWAYS_INLINE void fetch(const float* place) const {
    const std::ptrdiff_t next = apart();
#pragma GCC unroll 7
    for (std::ptrdiff_t n = 0; n < Cut::products; ++n) __builtin_prefetch(place + n * next, 1, 3);
  }

  const StripRows& rows() const { return rows_; }
  // m, which is also the distance of the rows of a matrix.
  std::ptrdiff_t m() const { return m_; }
  // From matrix to matrix.
  std::ptrdiff_t apart() const { return apart(rows_.count(), m_); }
  // The left operand number 0, 1, ... for the piece that begins with this column.
  float* matrix(std::ptrdiff_t number, std::ptrdiff_t piece) const {
    return to_ + (Cut::products * (piece / (Cut::strips * m_)) + number) * apart();
  }

 private:
  // With two levels, a cache line more than a matrix has floats: `put` writes to all of them, which should not meet in a few sets of a
  // cache.
  static constexpr std::ptrdiff_t apart(std::ptrdiff_t rows, std::ptrdiff_t m) { return rows * m + (Levels == 1 ? 0 : 16); }

  StripRows rows_;
  std::ptrdiff_t inner_, m_;
  float* to_;
};

// What takes the tiles of a product whose result h = Function(s + bias) is the left operand of another. Tiles of columns that are m apart
// must belong together. h itself is not stored.
template <Isa I, int Levels, class Function>
struct StoreLeft {
  StrassenLeft<I, Levels> left;
  const float* bias;  // per channel

  void operator()(const StrassenTiles<I, Levels>& tiles) const {
    using namespace Eigen::internal;
    using P = Packet<I>;
    constexpr int width = panel_width<I>, parts = Split<I, Levels>::parts, inner_parts = parts / 4;
    const std::ptrdiff_t m = left.m();
    const float* const bias_here = bias + tiles.column;
    for (std::ptrdiff_t r = 0; r < tiles.rows; ++r) {
      float* const to = left.at(tiles.row + r, tiles.column);
      for (int c = 0; c < width; c += lanes_of<I>) {
        P h[static_cast<std::size_t>(parts)];
#pragma GCC unroll 4
        for (int j = 0; j < inner_parts; ++j) {
          P sum[4];
          tiles.four(j).at(r * width + c, sum);
#pragma GCC unroll 4
          for (int i = 0; i < 4; ++i) {
            const int part = i * inner_parts + j;
            h[part] = Function::apply(padd(sum[i], ploadu<P>(bias_here + c + strip_of_columns(part, Levels) * m)));
          }
        }
        left.put(h, to + c);
        // Where panels of one level are as wide as with AVX-512, there is so much to do for each place that fetching loses up to 1 %.
        if (Levels > 1 || (lanes_of<I> < 16 && c == 0)) left.fetch(to + c + (Levels > 1 ? 1 : 2) * m);
      }
    }
  }
};

// Whether a result with this many columns has pieces of whole panels, which StoreLeft needs.
template <Isa I, int Levels>
constexpr bool stores_left(std::int64_t columns) {
  return Split<I, Levels>::terms(static_cast<std::ptrdiff_t>(columns)) % panel_width<I> == 0;
}

}  // namespace tessera::detail
