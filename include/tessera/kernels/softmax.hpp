// SPDX-License-Identifier: MIT
#pragma once

// Softmax of rows for attention: s[n,:] becomes exp(s[n,:] - max). What it is to be multiplied by, 1 over the sum of the row, is given
// instead, for the epilogue of the next product.

#include <algorithm>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

template <Isa I>
void softmax_rows(float* s, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t columns, float* factors) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  const std::ptrdiff_t whole = columns / lanes_of<I> * lanes_of<I>;
  for (std::ptrdiff_t n = 0; n < rows; ++n, s += stride) {
    P packet_max = pset1<P>(s[0]);
    for (std::ptrdiff_t m = 0; m < whole; m += lanes_of<I>) packet_max = pmax(packet_max, ploadu<P>(s + m));
    float max = predux_max(packet_max);
    for (std::ptrdiff_t m = whole; m < columns; ++m) max = std::max(max, s[m]);

    const P top = pset1<P>(max);
    P sum = pset1<P>(0.0F);
    for (std::ptrdiff_t m = 0; m < whole; m += lanes_of<I>) {
      const P power = pexp(psub(ploadu<P>(s + m), top));
      pstoreu(s + m, power);
      sum = padd(sum, power);
    }
    float total = predux(sum);
    if (whole < columns) {
      float rest[lanes_of<I>];
      std::fill_n(rest, lanes_of<I>, max);
      std::copy(s + whole, s + columns, rest);
      pstoreu(rest, pexp(psub(ploadu<P>(rest), top)));
      std::copy_n(rest, columns - whole, s + whole);
      for (std::ptrdiff_t m = whole; m < columns; ++m) total += s[m];
    }
    factors[n] = 1.0F / total;
  }
}

}  // namespace tessera::detail
