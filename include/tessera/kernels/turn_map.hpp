// SPDX-License-Identifier: MIT
#pragma once

// A map turned, so that its positions become its channels: y[c,n] = x[n,c]. Squares of packets are turned in registers.

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/panels.hpp"

namespace tessera::detail {

// x: rows × columns, y: columns × rows, distinct. The workers share the rows of x.
template <Isa I>
void turn_map(const float* x, std::ptrdiff_t rows, std::ptrdiff_t columns, float* y, Scratch& scratch) {
  scratch.split(rows, lanes_of<I>, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    const std::ptrdiff_t end = first + count;
    for (; first + lanes_of<I> <= end; first += lanes_of<I>) turn_rows<I>(x + first * columns, columns, columns, y + first, rows);
    for (; first < end; ++first)
      for (std::ptrdiff_t c = 0; c < columns; ++c) y[c * rows + first] = x[first * columns + c];
  });
}

}  // namespace tessera::detail
