// SPDX-License-Identifier: MIT
#pragma once

// Activations as bytes. A vector x of the inner dimension, which is a row for products over channels and a column for products over tokens,
// has a scale and an offset of its own, taken from its smallest and its largest number:
//
//     x[k] ≈ scale · b[k] + offset        q[k] = round((x[k] - min x) / scale)        scale = (max x - min x) / 255
//
// where b = q - Int8Dot::zero is the stored byte. The error of a number is at most scale / 2. One number that is not finite makes the
// offset NaN, and all sums with it.
//
// Four numbers that a lane of 32 bits multiplies at once are a group. Of a column, a group is four rows that follow each other. Of a row,
// it is lane i of four packets that follow each other, which needs no shuffling; weights are packed in the same order (row_order).

#include <algorithm>
#include <cstddef>

#include "tessera/kernels/int8/dot.hpp"

namespace tessera::detail {

// Groups of four for an inner dimension.
constexpr std::ptrdiff_t groups_of(std::ptrdiff_t inner) { return (inner + 3) / 4; }

// Scale and offset of each row or column of an operand.
struct Int8Scales {
  float* scale;
  float* offset;
};
struct Int8ConstScales {
  const float* scale;
  const float* offset;

  Int8ConstScales(const float* scale_, const float* offset_) : scale(scale_), offset(offset_) {}
  Int8ConstScales(const Int8Scales& scales) : scale(scales.scale), offset(scales.offset) {}
};

// What the smallest and the largest number say. check: 0, or NaN where a number was not finite.
struct Int8Range {
  float scale, factor, offset;

  template <Isa I>
  static Int8Range of(float least, float most, float check) {
    const float scale = (most - least) / 255.0F;
    return {scale, scale > 0.0F ? 1.0F / scale : 0.0F, least + static_cast<float>(Int8Dot<I>::zero) * scale + check};
  }
};

// Which number of a row is byte `byte` of group `group`; `inner` or more for those that fill up the last group.
template <Isa I>
constexpr std::ptrdiff_t row_order(std::ptrdiff_t inner, std::ptrdiff_t group, int byte) {
  const std::ptrdiff_t block = group / lanes_of<I> * 4 * lanes_of<I>, lane = group % lanes_of<I>;
  const std::ptrdiff_t apart = std::min<std::ptrdiff_t>(lanes_of<I>, groups_of(inner - block));
  return block + byte * apart + lane;
}

// Quantises a row of `inner` numbers. `to` has room for whole packets of bytes: row_bytes.
template <Isa I>
constexpr std::ptrdiff_t row_bytes(std::ptrdiff_t inner) {
  return (groups_of(inner) + lanes_of<I> - 1) / lanes_of<I> * 4 * lanes_of<I>;
}
template <Isa I>
EIGEN_DONT_INLINE void quantise_row(const float* x, std::ptrdiff_t inner, std::byte* to, float& scale, float& offset) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr std::ptrdiff_t lanes = lanes_of<I>;
  const std::ptrdiff_t whole = inner / (4 * lanes) * (4 * lanes), left = inner - whole, apart = groups_of(left);
  // The rest of the row, filled up with its last number. Packets that begin `apart` numbers after each other overlap.
  float rest[static_cast<std::size_t>(4 * lanes)];
  if (left > 0) std::fill(std::copy_n(x + whole, left, rest), rest + 4 * lanes, x[inner - 1]);
  P least = pset1<P>(x[0]), most = least, check = pset1<P>(0.0F);
  const auto look = [&](const float* from, std::ptrdiff_t step) {
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) {
      const P p = ploadu<P>(from + j * step);
      least = pmin(least, p);
      most = pmax(most, p);
      check = pmadd(p, pset1<P>(0.0F), check);
    }
  };
  for (std::ptrdiff_t k = 0; k < whole; k += 4 * lanes) look(x + k, lanes);
  if (left > 0) look(rest, apart);
  const float first = predux_min(least);
  const Int8Range range = Int8Range::of<I>(first, predux_max(most), predux(check));
  const P minimum = pset1<P>(first), factor = pset1<P>(range.factor);
  const auto pack = [&](const float* from, std::ptrdiff_t step, std::byte* bytes) {
    P q[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; ++j) q[j] = pmul(psub(ploadu<P>(from + j * step), minimum), factor);
    Int8Dot<I>::pack(q, bytes);
  };
  for (std::ptrdiff_t k = 0; k < whole; k += 4 * lanes) pack(x + k, lanes, to + k);
  if (left > 0) pack(rest, apart, to + whole);
  scale = range.scale;
  offset = range.offset;
}

// Quantises as many columns of a panel as a packet has lanes, from column j on. The panel has `inner` rows and `width` columns, whole
// packets; `to` has groups_of(inner) · width · 4 bytes: group by group, four bytes of each column.
template <Isa I>
EIGEN_DONT_INLINE void quantise_columns(const float* panel, std::ptrdiff_t inner, std::ptrdiff_t width, std::ptrdiff_t j, std::byte* to,
                                        const Int8Scales& scales) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  const float* const from = panel + j;
  P least = ploadu<P>(from), most = least, check = pset1<P>(0.0F);
  for (std::ptrdiff_t k = 0; k < inner; ++k) {
    const P p = ploadu<P>(from + k * width);
    least = pmin(least, p);
    most = pmax(most, p);
    check = pmadd(p, pset1<P>(0.0F), check);
  }
  float first[lanes_of<I>], last[lanes_of<I>], checks[lanes_of<I>], factors[lanes_of<I>];
  pstoreu(first, least);
  pstoreu(last, most);
  pstoreu(checks, check);
  for (int i = 0; i < lanes_of<I>; ++i) {
    const Int8Range range = Int8Range::of<I>(first[i], last[i], checks[i]);
    factors[i] = range.factor;
    scales.scale[j + i] = range.scale;
    scales.offset[j + i] = range.offset;
  }
  const P factor = ploadu<P>(factors);
  for (std::ptrdiff_t k = 0; k < inner; k += 4) {
    P q[4];
#pragma GCC unroll 4
    for (int m = 0; m < 4; ++m) q[m] = pmul(psub(ploadu<P>(from + std::min(k + m, inner - 1) * width), least), factor);
    Int8Dot<I>::pack(q, to + (k * width + 4 * j));
  }
}

}  // namespace tessera::detail
