// SPDX-License-Identifier: MIT
#pragma once

// Work on each value, or on each channel of every position, where no product takes it in: memory is the bound, so each function passes over
// its map once.
//
//     add_into            y += x
//     multiply_rows       y[n,c] = u[n,c]·v[n,c]
//     gate_rows           y[n,c] = u[n,c]·act(v[n,c])                         [u v] = x
//     scale_channels      y[n,c] = x[n,c]·scale[c] + shift[c]                 x may be y
//     activate            y = act(x)                                          x may be y
//     mean_of_rows        y[c] = 1/N Σ_n x[n,c]
//
// Per-channel vectors have room for whole packets. Workers share the work; results do not depend on how.

#include <algorithm>
#include <array>

#include "tessera/kernels/layer_norm.hpp"

namespace tessera::detail {

// y[i] = f(a[i], b[i]) for i < n. f takes packets or floats; y may be a or b.
template <Isa I, class F>
EIGEN_ALWAYS_INLINE void combine(const float* a, const float* b, std::ptrdiff_t n, float* y, const F& f) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  std::ptrdiff_t i = 0;
  for (; i + lanes_of<I> <= n; i += lanes_of<I>) pstoreu(y + i, f(P(ploadu<P>(a + i)), P(ploadu<P>(b + i))));
  for (; i < n; ++i) y[i] = f(a[i], b[i]);
}

struct Sum {
  template <class P>
  P operator()(const P& a, const P& b) const {
    return Eigen::internal::padd(a, b);
  }
};
struct Product {
  template <class P>
  P operator()(const P& a, const P& b) const {
    return Eigen::internal::pmul(a, b);
  }
};

// Values that are worth a worker's while.
inline constexpr std::ptrdiff_t values_at_once = 4096;

template <Isa I>
void add_into(const float* x, std::int64_t size, float* y, Scratch& scratch) {
  scratch.split(size, values_at_once,
                [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) { combine<I>(x + first, y + first, count, y + first, Sum()); });
}

// rows of u at distance `stride`; y and v are next to each other, and may be the same.
template <Isa I>
void multiply_rows(const float* u, std::ptrdiff_t stride, const float* v, std::ptrdiff_t rows, std::ptrdiff_t channels, float* y,
                   Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t n = first; n < first + count; ++n)
      combine<I>(u + n * stride, v + n * channels, channels, y + n * channels, Product());
  });
}

// x has twice as many channels as y, which has `channels`.
template <Isa I, class Activation>
void gate_rows(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* y, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t n = first; n < first + count; ++n) {
      const float* const u = x + n * 2 * channels;
      float* const to = y + n * channels;
      transform_row<I>(u + channels, channels, to, [](std::ptrdiff_t, const Packet<I>& p) { return Activation::apply(p); });
      combine<I>(u, to, channels, to, Product());
    }
  });
}

template <Isa I>
void scale_channels(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, const float* scale, const float* shift, float* y,
                    Scratch& scratch) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t n = first; n < first + count; ++n)
      transform_row<I>(x + n * channels, channels, y + n * channels,
                       [=](std::ptrdiff_t c, const P& p) { return pmadd(p, ploadu<P>(scale + c), ploadu<P>(shift + c)); });
  });
}

template <Isa I, class Activation>
void activate(const float* x, std::int64_t size, float* y, Scratch& scratch) {
  scratch.split(size, values_at_once, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    transform_row<I>(x + first, count, y + first, [](std::ptrdiff_t, const Packet<I>& p) { return Activation::apply(p); });
  });
}

// Rows are added up sixteen at a time, so that the error does not grow with their number; the order depends on nothing else. Workers share
// the channels.
template <Isa I>
void mean_of_rows(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* y, Scratch& scratch) {
  constexpr std::ptrdiff_t at_once = 8 * lanes_of<I>, together = 16;
  using Sums = std::array<float, std::size_t{at_once}>;
  scratch.split(channels, at_once, [&](std::ptrdiff_t begin, std::ptrdiff_t wide, Scratch&) {
    for (std::ptrdiff_t first = begin; first < begin + wide; first += at_once) {
      const std::ptrdiff_t width = std::min(at_once, begin + wide - first);
      Sums all{};
      for (std::ptrdiff_t row = 0; row < rows; row += together) {
        Sums some{};
        for (std::ptrdiff_t n = row; n < std::min(row + together, rows); ++n)
          combine<I>(x + n * channels + first, some.data(), width, some.data(), Sum());
        combine<I>(some.data(), all.data(), width, all.data(), Sum());
      }
      for (std::ptrdiff_t c = 0; c < width; ++c) y[first + c] = all.data()[c] / static_cast<float>(rows);
    }
  });
}

}  // namespace tessera::detail
