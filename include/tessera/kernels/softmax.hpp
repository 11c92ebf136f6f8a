// SPDX-License-Identifier: MIT
#pragma once

// What attention needs beside products:
//
//     turn_panels     kᵀ of a matrix k (N×d), laid out in panels of columns as a right operand
//     softmax_rows    s[n,:] becomes exp(s[n,:] - max), and its sum is given instead of divided by
//     Store           y[n,c]  = s[n,c]
//     StoreDivided    y[n,c]  = s[n,c] / sums[n]
//     AddGained       y[n,c] += gain[c]·(s[n,c] + bias[c])

#include "tessera/kernels/epilogues.hpp"

namespace tessera::detail {

template <Isa I>
struct Store {
  float* y;
  std::ptrdiff_t stride;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P&) const {
    return sum;
  }
};

template <Isa I>
struct StoreDivided {
  float* y;
  std::ptrdiff_t stride;
  const float* sums;

  template <class P>
  P update(std::ptrdiff_t n, std::ptrdiff_t, const P& sum, const P&) const {
    using namespace Eigen::internal;
    return pmul(sum, pset1<P>(1.0F / sums[n]));
  }
};

template <Isa I>
struct AddGained {
  float* y;
  std::ptrdiff_t stride;
  const float* gain;
  const float* bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t c, const P& sum, const P& old) const {
    using namespace Eigen::internal;
    return pmadd(ploadu<P>(gain + c), padd(sum, ploadu<P>(bias + c)), old);
  }
};

// Column n of the result is row n of k; zeros behind the last one. A panel that starts at column n is at panels + n·d.
template <Isa I>
void turn_panels(const float* k, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t d, float* panels) {
  for (std::ptrdiff_t first = 0; first < rows; first += panel_width<I>) {
    const std::ptrdiff_t left = rows - first;
    const std::ptrdiff_t width = ProductTile<I>::packets_at_once(left) * lanes_of<I>;
    float* const panel = panels + first * d;
    for (std::ptrdiff_t j = 0; j < width; j += lanes_of<I>) {
      const float* const from = k + (first + j) * stride;
      const std::ptrdiff_t count = std::clamp<std::ptrdiff_t>(left - j, 0, lanes_of<I>);
      if (count == lanes_of<I>) {
        turn_rows<I>(from, stride, d, panel + j, width);
        continue;
      }
      for (std::ptrdiff_t c = 0; c < d; ++c)
        for (std::ptrdiff_t i = 0; i < lanes_of<I>; ++i) panel[c * width + j + i] = i < count ? from[i * stride + c] : 0.0F;
    }
  }
}

template <Isa I>
void softmax_rows(float* s, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t columns, float* sums) {
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
    sums[n] = predux(sum);
    if (whole < columns) {
      float rest[lanes_of<I>];
      std::fill_n(rest, lanes_of<I>, max);
      std::copy(s + whole, s + columns, rest);
      pstoreu(rest, pexp(psub(ploadu<P>(rest), top)));
      std::copy_n(rest, columns - whole, s + whole);
      for (std::ptrdiff_t m = whole; m < columns; ++m) sums[n] += s[m];
    }
  }
}

}  // namespace tessera::detail
