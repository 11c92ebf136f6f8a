// SPDX-License-Identifier: MIT
#pragma once

// Layer norm on packets of channels, for a few rows at a time (they stay in cache):
//
//     μ = 1/C Σ_c x[c]        r = 1 / √(1/C Σ_c (x[c] - μ)² + ε)        y[c] = (x[c] - μ)·r            normalise_rows
//                                                                      y[c] = (x[c] - μ)·r·w[c] + b[c]
//
// The variance is summed from centred numbers in a second pass, so it keeps its digits where the mean is large. The order of summation
// depends on C alone. As many rows as a packet has lanes get their μ and r together: for short rows, what is done once a row is most of
// the work.

#include <algorithm>
#include <cmath>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

// What a layer norm knows besides its input: per-channel vectors, padded to whole packets.
struct NormWeights {
  float epsilon;
  const float* weight;
  const float* bias;
};

// Adds up a row, lane by lane: add(sum, packet of x) gives the new sum. Four sums run side by side; the incomplete packet at the end is
// filled with `absent`.
template <Isa I, class Add>
EIGEN_ALWAYS_INLINE Packet<I> sum_row(const float* x, std::ptrdiff_t channels, float absent, const Add& add) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  P a = pset1<P>(0.0F), b = a, c = a, d = a;
  const float* const end = x + channels;
  for (; end - x >= 4 * lanes_of<I>; x += 4 * lanes_of<I>) {
    a = add(a, ploadu<P>(x));
    b = add(b, ploadu<P>(x + lanes_of<I>));
    c = add(c, ploadu<P>(x + 2 * lanes_of<I>));
    d = add(d, ploadu<P>(x + 3 * lanes_of<I>));
  }
  for (; end - x >= lanes_of<I>; x += lanes_of<I>) a = add(a, ploadu<P>(x));
  if (lanes_of<I> > 1 && x < end) {
    float rest[lanes_of<I>];
    std::fill_n(rest, lanes_of<I>, absent);
    std::copy(x, end, rest);
    b = add(b, ploadu<P>(rest));
  }
  return padd(padd(a, b), padd(c, d));
}
// Of the row itself, and of the squares of its distances from `centre`.
template <Isa I>
EIGEN_ALWAYS_INLINE Packet<I> sum_of_row(const float* x, std::ptrdiff_t channels) {
  using P = Packet<I>;
  return sum_row<I>(x, channels, 0.0F, [](const P& sum, const P& p) { return Eigen::internal::padd(sum, p); });
}
template <Isa I>
EIGEN_ALWAYS_INLINE Packet<I> sum_of_squares(const float* x, std::ptrdiff_t channels, float centre) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  return sum_row<I>(x, channels, centre, [middle = pset1<P>(centre)](const P& sum, const P& p) {
    const P centred = psub(p, middle);
    return pmadd(centred, centred, sum);
  });
}

// At most four lanes with the same sum.
template <class P>
EIGEN_ALWAYS_INLINE auto narrowed(const P& packet) {
  if constexpr (Eigen::internal::unpacket_traits<P>::size > 4) {
    return narrowed(half_sum(packet));
  } else {
    return packet;
  }
}

// to[i] = finish(the sum of the lanes of row(i)) for i < rows; it may write more, up to as many as a packet has lanes.
template <Isa I, class Row, class Finish>
EIGEN_ALWAYS_INLINE void sums_of_lanes(int rows, const Row& row, const Finish& finish, float (&to)[lanes_of<I>]) {
  using namespace Eigen::internal;
  using Narrow = decltype(narrowed(row(0)));
  constexpr int together = unpacket_traits<Narrow>::size;
  for (int first = 0; first < rows; first += together) {
    PacketBlock<Narrow, together> square;
#pragma GCC unroll 4
    for (int i = 0; i < together; ++i) square.packet[i] = first + i < rows ? narrowed(row(first + i)) : pset1<Narrow>(0.0F);
    ptranspose(square);
    for (int apart = together / 2; apart > 0; apart /= 2)
      for (int i = 0; i < apart; ++i) square.packet[i] = padd(square.packet[i], square.packet[i + apart]);
    pstoreu(to + first, finish(square.packet[0]));
  }
}

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
      [count, epsilon]<class N>(const N& sum) {
        return pdiv(pset1<N>(1.0F), psqrt(padd(pdiv(sum, pset1<N>(count)), pset1<N>(epsilon))));
      },
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

// y[c] = transform(c, packet of x) over a row; x may be y. Four packets run side by side.
template <Isa I, class Transform>
EIGEN_ALWAYS_INLINE void transform_row(const float* x, std::ptrdiff_t channels, float* y, const Transform& transform) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  // Where channels are a constant, these are as well, and loops that have nothing to do are seen to be empty.
  const std::ptrdiff_t fours = channels / (4 * lanes_of<I>) * (4 * lanes_of<I>), whole = channels / lanes_of<I> * lanes_of<I>;
  for (std::ptrdiff_t c = 0; c < fours; c += 4 * lanes_of<I>) {
    P packets[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) packets[i] = transform(c + i * lanes_of<I>, ploadu<P>(x + c + i * lanes_of<I>));
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) pstoreu(y + c + i * lanes_of<I>, packets[i]);
  }
  for (std::ptrdiff_t c = fours; c < whole; c += lanes_of<I>) pstoreu(y + c, transform(c, ploadu<P>(x + c)));
  if (whole < channels) {
    float rest[lanes_of<I>] = {};
    std::copy(x + whole, x + channels, rest);
    pstoreu(rest, transform(whole, ploadu<P>(rest)));
    std::copy_n(rest, channels - whole, y + whole);
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
    for_row_statistics<I>(x + first * stride, stride, count, channels, epsilon,
                              [&](std::ptrdiff_t row, float row_mean, float row_scale) {
                                mean[first + row] = row_mean;
                                scale[first + row] = row_scale;
                              });
  });
}

// Columns [first, first + columns) of the normalised x next to each other, `width` floats a row (whole packets), zeros behind the last
// column. row_mean, row_scale: the statistics of every row.
template <Isa I>
void gather_normalised(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                       const float* row_mean, const float* row_scale, const NormWeights& norm, float* panel) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int packets = panel_width<I> / lanes_of<I>;
  const float* const weight = norm.weight + first;
  const float* const bias = norm.bias + first;
  if (columns == panel_width<I>) {
    // Of a whole panel, weights are the same registers in every row.
    P weights[packets], biases[packets];
    for (int p = 0; p < packets; ++p) {
      weights[p] = ploadu<P>(weight + p * lanes_of<I>);
      biases[p] = ploadu<P>(bias + p * lanes_of<I>);
    }
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      const P mean = pset1<P>(row_mean[row]), scale = pset1<P>(row_scale[row]);
      const float* const from = x + row * stride + first;
      float* const to = panel + row * panel_width<I>;
#pragma GCC unroll 4
      for (int p = 0; p < packets; ++p)
        pstoreu(to + p * lanes_of<I>, normalised<P>(ploadu<P>(from + p * lanes_of<I>), mean, scale, weights[p], biases[p]));
    }
    return;
  }
  for (std::ptrdiff_t row = 0; row < rows; ++row) {
    const P mean = pset1<P>(row_mean[row]), scale = pset1<P>(row_scale[row]);
    float* const to = panel + row * width;
    transform_row<I>(x + row * stride + first, columns, to, [=](std::ptrdiff_t j, const P& p) {
      return normalised<P>(p, mean, scale, ploadu<P>(weight + j), ploadu<P>(bias + j));
    });
    std::fill(to + columns, to + width, 0.0F);
  }
}

// The same, shared by the workers.
template <Isa I>
void gather_normalised(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                       const float* row_mean, const float* row_scale, const NormWeights& norm, float* panel, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t row, std::ptrdiff_t count, Scratch&) {
    gather_normalised<I>(x + row * stride, stride, count, first, columns, width, row_mean + row, row_scale + row, norm,
                             panel + row * width);
  });
}

}  // namespace tessera::detail
