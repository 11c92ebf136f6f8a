// SPDX-License-Identifier: MIT
#pragma once

// Layer norm on packets of channels, for a few rows at a time (they stay in cache):
//
//     μ = 1/C Σ_c x[c]        r = 1 / √(1/C Σ_c (x[c] - μ)² + ε)        y[c] = (x[c] - μ)·r            normalise_rows
//                                                                      y[c] = (x[c] - μ)·r·w[c] + b[c]
//
// The variance is summed from centred values in a second pass, so it keeps its digits where the mean is large. The order of summation
// depends on C alone. As many rows as a packet has lanes get their μ and r together: for short rows, what is done once a row is most of
// the work.

#include <algorithm>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"
#include "tessera/kernels/row_sums.hpp"

namespace tessera::detail {

// What a layer norm knows besides its input: per-channel vectors, padded to whole packets.
struct NormWeights {
  float epsilon;
  const float* weight;
  const float* bias;
};

// μ and r of at most as many rows as a packet has lanes.
template <Isa I>
EIGEN_DONT_INLINE void statistics_of_few(const float* x, std::ptrdiff_t stride, int rows, std::ptrdiff_t channels, float epsilon,
                                         float (&mean)[lanes_of<I>], float (&scale)[lanes_of<I>]) {
  using namespace Eigen::internal;
  const auto count = static_cast<float>(channels);
  sums_of_lanes<I>(
      rows, [&](int r) { return sum_of_row<I>(x + r * stride, channels); },
      [count]<class N>(const N& sum) { return pdiv(sum, pset1<N>(count)); }, mean);
  sums_of_lanes<I>(
      rows, [&](int r) { return sum_of_squares<I>(x + r * stride, channels, mean[r]); },
      [count, epsilon]<class N>(const N& sum) { return pdiv(pset1<N>(1.0F), psqrt(padd(pdiv(sum, pset1<N>(count)), pset1<N>(epsilon)))); },
      scale);
}

// visit(row, μ, r) for every row, in order; it may change the row.
template <Isa I, class Visit>
void for_row_statistics(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon,
                        const Visit& visit) {
  for (std::ptrdiff_t first = 0; first < rows; first += lanes_of<I>) {
    const auto here = static_cast<int>(std::min<std::ptrdiff_t>(lanes_of<I>, rows - first));
    float mean[lanes_of<I>], scale[lanes_of<I>];
    statistics_of_few<I>(x + first * stride, stride, here, channels, epsilon, mean, scale);
    for (int r = 0; r < here; ++r) visit(first + r, mean[r], scale[r]);
  }
}

// (x - μ)·r·w + b
template <class P>
EIGEN_ALWAYS_INLINE P normalised(const P& x, const P& mean, const P& scale, const P& weight, const P& bias) {
  using namespace Eigen::internal;
  return pmadd(pmul(psub(x, mean), scale), weight, bias);
}

// rows of x at distance x_stride, rows of y at distance y_stride; x may be y. Without weights: weight 1, bias 0.
template <Isa I>
void normalise_rows(const float* x, std::ptrdiff_t x_stride, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm,
                    float* y, std::ptrdiff_t y_stride) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  for_row_statistics<I>(x, x_stride, rows, channels, norm.epsilon, [&](std::ptrdiff_t row, float row_mean, float row_scale) {
    const P mean = pset1<P>(row_mean), scale = pset1<P>(row_scale);
    const float* const from = x + row * x_stride;
    float* const to = y + row * y_stride;
    if (norm.weight == nullptr) {
      transform_row<I>(from, channels, to, [=](std::ptrdiff_t, const P& p) { return pmul(psub(p, mean), scale); });
    } else {
      transform_row<I>(from, channels, to, [=, weight = norm.weight, bias = norm.bias](std::ptrdiff_t c, const P& p) {
        return normalised<P>(p, mean, scale, ploadu<P>(weight + c), ploadu<P>(bias + c));
      });
    }
  });
}

template <Isa I>
void normalise_rows(const float* x, std::ptrdiff_t x_stride, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm,
                    float* y, std::ptrdiff_t y_stride, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    normalise_rows<I>(x + first * x_stride, x_stride, count, channels, norm, y + first * y_stride, y_stride);
  });
}

// y[c] = 1/N Σ_n (x[n,c] - μ[n])·r[n]: the mean of the normalised rows. y has room for whole packets.
template <Isa I>
void mean_of_normalised(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon, float* y) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  std::fill_n(y, channels, 0.0F);
  for_row_statistics<I>(x, channels, rows, channels, epsilon, [&](std::ptrdiff_t row, float row_mean, float row_scale) {
    const P mean = pset1<P>(row_mean), scale = pset1<P>(row_scale);
    transform_row<I>(x + row * channels, channels, y,
                     [&](std::ptrdiff_t c, const P& p) { return pmadd(psub(p, mean), scale, ploadu<P>(y + c)); });
  });
  const P share = pset1<P>(1.0F / static_cast<float>(rows));
  transform_row<I>(y, channels, y, [&](std::ptrdiff_t, const P& p) { return pmul(p, share); });
}

// Mean and r of every row.
template <Isa I>
void row_statistics(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon, float* mean,
                    float* scale, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for_row_statistics<I>(x + first * stride, stride, count, channels, epsilon, [&](std::ptrdiff_t row, float row_mean, float row_scale) {
      mean[first + row] = row_mean;
      scale[first + row] = row_scale;
    });
  });
}

}  // namespace tessera::detail
