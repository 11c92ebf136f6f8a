// SPDX-License-Identifier: MIT
#pragma once

// How Strassen's algorithm cuts a product. One level cuts the rows of x, the inner dimension and the columns of y in two; each further
// level cuts the halves in two again. With `Levels` levels there are
//
//     2^Levels    strips of rows, of terms and of columns
//     4^Levels    parts of a matrix
//     7^Levels    products of parts
//
// A part of a matrix has a number of Levels digits to the base 4, the outermost level first. A digit is 0 for the upper left quarter, 1 for
// the upper right, 2 for the lower left and 3 for the lower right one.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

template <Isa I, int Levels>
struct Split {
  static_assert(Levels == 1 || Levels == 2);
  static constexpr int strips = 1 << Levels, parts = 1 << 2 * Levels, products = Levels == 1 ? 7 : 49;

  // Rows of a strip. The last strip may have fewer, as if zeros followed.
  static constexpr std::ptrdiff_t rows(std::ptrdiff_t all) { return (all + strips - 1) / strips; }

  // Terms of a strip: long inner dimensions are cut into pieces, and each piece into strips of this many terms. 0 if none fit.
  // Rounding errors grow with the terms of a strip, additions grow with the number of pieces. One level has strips of whole packets. Two
  // levels have strips of whole panels, because another product makes them.
  static constexpr std::ptrdiff_t terms(std::ptrdiff_t all) {
    const std::ptrdiff_t most = all > 1024 ? 128 : 192;
    if constexpr (Levels == 1) {
      for (std::ptrdiff_t half = most; half >= 64; half -= lanes_of<I>)
        if (all % (2 * half) == 0) return half;
    } else {
      for (const std::ptrdiff_t fourth : {most, std::ptrdiff_t{128}})
        if (all % (4 * fourth) == 0 && fourth % panel_width<I> == 0) return fourth;
    }
    return 0;
  }
  // Whether a product can be cut: its terms, and its columns into strips of whole panels.
  static constexpr bool fits(std::int64_t inner, std::int64_t columns) {
    return lanes_of<I> > 1 && terms(static_cast<std::ptrdiff_t>(inner)) > 0 && columns % (strips * panel_width<I>) == 0;
  }
};

// Which strip of the rows, and which of the columns, a part belongs to that has `digits` digits.
constexpr std::ptrdiff_t strip_of_rows(int part, int digits) {
  return digits == 0 ? 0 : 2 * strip_of_rows(part / 4, digits - 1) + part % 4 / 2;
}
constexpr std::ptrdiff_t strip_of_columns(int part, int digits) {
  return digits == 0 ? 0 : 2 * strip_of_columns(part / 4, digits - 1) + part % 2;
}

// The rows of a product that are worked on together: rows [begin, end) of every strip of `strip` rows.
struct StripRows {
  std::ptrdiff_t rows, strip, begin, end;

  std::ptrdiff_t count() const { return end - begin; }
  // Of these, `size` of every strip from the one with this number on.
  StripRows part(std::ptrdiff_t first, std::ptrdiff_t size) const { return {rows, strip, begin + first, begin + first + size}; }
  // work(first, count) for every strip.
  template <class Work>
  void for_rows(const Work& work) const {
    for (std::ptrdiff_t row = begin; row < rows; row += strip) work(row, std::min(count(), rows - row));
  }
};

}  // namespace tessera::detail
