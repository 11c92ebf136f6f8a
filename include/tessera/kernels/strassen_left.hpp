// SPDX-License-Identifier: MIT
#pragma once

// The left operands of the seven products of kernels/strassen.hpp: sums of the four quarters of x,
//
//     A11 + A22    A21 + A22    A11    A22    A11 + A12    A21 - A11    A12 - A22
//
// made from the rows of x or, without a detour, by the epilogue of the product whose result x is.

#include <array>

#include "tessera/kernels/epilogues.hpp"
#include "tessera/kernels/strassen_tiles.hpp"

namespace tessera::detail {

template <Isa I>
struct StrassenHalves {
  // The lower half may have one less, as if zeros were behind it.
  static constexpr std::ptrdiff_t rows(std::ptrdiff_t all) { return (all + 1) / 2; }
  // m, half of the inner dimension of a piece, in whole packets; 0 if there is none. Rounding errors grow with the inner dimension and
  // shrink with the pieces, additions grow with the pieces. Pieces of twice as many terms are 1 % faster, but the deepest networks need
  // the digits.
  static constexpr std::ptrdiff_t inner(std::ptrdiff_t all) {
    for (std::ptrdiff_t half = all > 1024 ? 128 : 192; half >= 64; half -= lanes_of<I>)
      if (all % (2 * half) == 0) return half;
    return 0;
  }
};

// The rows of a product that one worker has: [begin, end) of the upper half, and those of the lower half below them.
template <Isa I>
struct StrassenPart {
  std::ptrdiff_t rows, begin, end;

  std::ptrdiff_t half() const { return StrassenHalves<I>::rows(rows); }
  std::ptrdiff_t count() const { return end - begin; }
  // work(first, count) for all of them.
  template <class Work>
  void for_rows(const Work& work) const {
    work(begin, std::min(count(), rows - begin));
    const std::ptrdiff_t below = half() + begin;
    if (below < rows) work(below, std::min(count(), rows - below));
  }
};

// The seven sums of packets, or numbers, of the four quarters that belong together.
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

// Piece after piece of the inner dimension, of 2m columns each, seven matrices, count × m each.
template <Isa I>
class StrassenLeft {
  using P = Packet<I>;
  using Halves = StrassenHalves<I>;

 public:
  // Memory for all rows of a product.
  static constexpr std::size_t floats(std::int64_t rows, std::int64_t inner) {
    return static_cast<std::size_t>(7 * Halves::rows(rows) * (inner / 2));
  }
  StrassenLeft(const StrassenPart<I>& part, std::ptrdiff_t inner, float* memory)
      : part_(part), inner_(inner), m_(Halves::inner(inner)), to_(memory) {}

  // From x: rows × inner.
  void make(const float* x) const {
    using namespace Eigen::internal;
    // Behind the last row there are zeros.
    const auto read = [&](std::ptrdiff_t row, std::ptrdiff_t k) {
      return row < part_.rows ? ploadu<P>(x + row * inner_ + k) : pset1<P>(0.0F);
    };
    for (std::ptrdiff_t row = part_.begin; row < part_.end; ++row) {
      const std::ptrdiff_t lower = row + part_.half();
      for (std::ptrdiff_t piece = 0; piece < inner_; piece += 2 * m_) {
        float* const to = at(row, piece);
        for (std::ptrdiff_t k = piece; k < piece + m_; k += lanes_of<I>)
          put(read(row, k), read(row, k + m_), read(lower, k), read(lower, k + m_), to + k - piece);
      }
    }
  }
  // Where put has to begin for a row of [begin, end) and a column of the left half of a piece.
  float* at(std::ptrdiff_t row, std::ptrdiff_t column) const {
    const std::ptrdiff_t piece = column / (2 * m_) * (2 * m_);
    return matrix(0, piece) + (row - part_.begin) * m_ + column - piece;
  }
  // From packets of the four quarters that belong together.
  EIGEN_ALWAYS_INLINE void put(const P& q11, const P& q12, const P& q21, const P& q22, float* to) const {
    put_left_sums(q11, q12, q21, q22, to, part_.count() * m_);
  }

  // Fetches the places that put writes from here on, as far as a panel is wide. Where panels are as wide as with AVX-512, there is so much
  // to do for each place that it loses up to 1 %.
  EIGEN_ALWAYS_INLINE void fetch(const float* place) const {
    if constexpr (lanes_of<I> < 16)
#pragma GCC unroll 7
      for (std::ptrdiff_t n = 0; n < 7; ++n) __builtin_prefetch(place + n * part_.count() * m_, 1, 3);
  }

  const StrassenPart<I>& part() const { return part_; }
  // m, which is also the distance of the rows of a matrix.
  std::ptrdiff_t m() const { return m_; }
  // The left operand of product number 0, 1, ... for the piece that begins with this column.
  float* matrix(std::ptrdiff_t number, std::ptrdiff_t piece) const { return to_ + part_.count() * (7 * piece / 2 + number * m_); }

 private:
  StrassenPart<I> part_;
  std::ptrdiff_t inner_, m_;
  float* to_;
};

// The epilogue of a product whose result h = act(s + bias) is the left operand of another. It wants the tiles of columns together that are
// m apart. h itself is not stored.
template <Isa I, class Activation>
struct StoreLeft {
  StrassenLeft<I> left;
  const float* bias;

  // Pieces of whole panels only.
  static constexpr bool fits(std::int64_t columns) { return StrassenHalves<I>::inner(columns) % panel_width<I> == 0; }

  void operator()(const FourTiles<I>& tiles) const {
    using namespace Eigen::internal;
    using P = Packet<I>;
    constexpr int width = panel_width<I>;
    const std::ptrdiff_t m = left.m();
    const float* const here = bias + tiles.column;
    std::array<float*, width / lanes_of<I>> to;
    for (int p = 0; p < width / lanes_of<I>; ++p) to[static_cast<std::size_t>(p)] = left.at(tiles.row, tiles.column + p * lanes_of<I>);
    for (std::ptrdiff_t r = 0; r < tiles.rows; ++r)
      for (int p = 0; p < width / lanes_of<I>; ++p)
        tiles.at(r * width + p * lanes_of<I>, [&](const P& y11, const P& y12, const P& y21, const P& y22) {
          const P b1 = ploadu<P>(here + p * lanes_of<I>), b2 = ploadu<P>(here + m + p * lanes_of<I>);
          const auto h = [](const P& sum, const P& b) { return Activation::apply(padd(sum, b)); };
          float* const place = to[static_cast<std::size_t>(p)] + r * m;
          left.put(h(y11, b1), h(y12, b2), h(y21, b1), h(y22, b2), place);
          if (p == 0) left.fetch(place + 2 * m);
        });
  }
};

}  // namespace tessera::detail
