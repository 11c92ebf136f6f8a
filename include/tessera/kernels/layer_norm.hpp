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

// Σ_c term(packet of x) over a row, lane by lane. Four sums run side by side; the incomplete packet at the end is masked by `absent`.
template <int Lanes, class Term>
Packet<Lanes> sum_row(const float* x, std::ptrdiff_t channels, float absent, const Term& term) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  P sum[4];
  std::fill_n(sum, 4, pset1<P>(0.0F));
  std::ptrdiff_t c = 0;
  for (; c + 4 * Lanes <= channels; c += 4 * Lanes)
    for (int i = 0; i < 4; ++i) sum[i] = padd(sum[i], term(ploadu<P>(x + c + i * Lanes)));
  for (int i = 0; i < 3 && c + Lanes <= channels; ++i, c += Lanes) sum[0] = padd(sum[0], term(ploadu<P>(x + c)));
  if (c < channels) {
    float rest[Lanes];
    std::fill_n(rest, Lanes, absent);
    std::copy(x + c, x + channels, rest);
    sum[1] = padd(sum[1], term(ploadu<P>(rest)));
  }
  return padd(padd(sum[0], sum[1]), padd(sum[2], sum[3]));
}

// The sum of the lanes of packet i in lane i.
template <int Lanes>
Packet<Lanes> sums_of_lanes(PacketSquare<Lanes>& packets) {
  using namespace Eigen::internal;
  ptranspose(packets);
  for (int apart = Lanes / 2; apart > 0; apart /= 2)
    for (int i = 0; i < apart; ++i) packets.packet[i] = padd(packets.packet[i], packets.packet[i + apart]);
  return packets.packet[0];
}

// visit(row, μ, r) for every row, in order; it may change the row.
template <int Lanes, class Visit>
void for_row_statistics(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon,
                        const Visit& visit) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  const P count = pset1<P>(static_cast<float>(channels));
  for (std::ptrdiff_t first = 0; first < rows; first += Lanes) {
    const auto here = static_cast<int>(std::min<std::ptrdiff_t>(Lanes, rows - first));
    PacketSquare<Lanes> sums;
    std::fill_n(sums.packet, Lanes, pset1<P>(0.0F));
    float mean[Lanes], scale[Lanes];
    for (int r = 0; r < here; ++r) sums.packet[r] = sum_row<Lanes>(x + (first + r) * stride, channels, 0.0F, [](const P& p) { return p; });
    pstoreu(mean, pdiv(sums_of_lanes<Lanes>(sums), count));
    for (int r = 0; r < here; ++r) {
      const P centre = pset1<P>(mean[r]);
      sums.packet[r] = sum_row<Lanes>(x + (first + r) * stride, channels, mean[r], [&](const P& p) {
        const P centred = psub(p, centre);
        return pmul(centred, centred);
      });
    }
    const P variance = pdiv(sums_of_lanes<Lanes>(sums), count);
    pstoreu(scale, pdiv(pset1<P>(1.0F), psqrt(padd(variance, pset1<P>(epsilon)))));
    for (int r = 0; r < here; ++r) visit(first + r, mean[r], scale[r]);
  }
}

// y[c] = transform(c, packet of x) over a row; x may be y.
template <int Lanes, class Transform>
void transform_row(const float* x, std::ptrdiff_t channels, float* y, const Transform& transform) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  std::ptrdiff_t c = 0;
  for (; c + Lanes <= channels; c += Lanes) pstoreu(y + c, transform(c, ploadu<P>(x + c)));
  if (c < channels) {
    float rest[Lanes] = {};
    std::copy(x + c, x + channels, rest);
    pstoreu(rest, transform(c, ploadu<P>(rest)));
    std::copy_n(rest, channels - c, y + c);
  }
}

// rows of x at distance x_stride, rows of y at distance y_stride; x may be y. Without weights: weight 1, bias 0.
template <int Lanes>
void normalise_rows(const float* x, std::ptrdiff_t x_stride, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm,
                    float* y, std::ptrdiff_t y_stride) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  for_row_statistics<Lanes>(x, x_stride, rows, channels, norm.epsilon, [&](std::ptrdiff_t row, float row_mean, float row_scale) {
    const P mean = pset1<P>(row_mean), scale = pset1<P>(row_scale);
    const float* const from = x + row * x_stride;
    float* const to = y + row * y_stride;
    if (norm.weight == nullptr) {
      transform_row<Lanes>(from, channels, to, [&](std::ptrdiff_t, const P& p) { return pmul(psub(p, mean), scale); });
    } else {
      transform_row<Lanes>(from, channels, to, [&](std::ptrdiff_t c, const P& p) {
        return pmadd(pmul(psub(p, mean), scale), ploadu<P>(norm.weight + c), ploadu<P>(norm.bias + c));
      });
    }
  });
}

template <int Lanes>
void normalise_rows(const float* x, std::ptrdiff_t x_stride, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm,
                    float* y, std::ptrdiff_t y_stride, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    normalise_rows<Lanes>(x + first * x_stride, x_stride, count, channels, norm, y + first * y_stride, y_stride);
  });
}

// y[c] = 1/N Σ_n (x[n,c] - μ[n])·r[n]: the mean of the normalised rows. y has room for whole packets.
template <int Lanes>
void mean_of_normalised(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon, float* y) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  std::fill_n(y, channels, 0.0F);
  for_row_statistics<Lanes>(x, channels, rows, channels, epsilon, [&](std::ptrdiff_t row, float row_mean, float row_scale) {
    const P mean = pset1<P>(row_mean), scale = pset1<P>(row_scale);
    transform_row<Lanes>(x + row * channels, channels, y,
                         [&](std::ptrdiff_t c, const P& p) { return pmadd(psub(p, mean), scale, ploadu<P>(y + c)); });
  });
  const P share = pset1<P>(1.0F / static_cast<float>(rows));
  transform_row<Lanes>(y, channels, y, [&](std::ptrdiff_t, const P& p) { return pmul(p, share); });
}

// Mean and r of every row.
template <int Lanes>
void row_statistics(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t channels, float epsilon, float* mean,
                    float* scale, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for_row_statistics<Lanes>(x + first * stride, stride, count, channels, epsilon,
                              [&](std::ptrdiff_t row, float row_mean, float row_scale) {
                                mean[first + row] = row_mean;
                                scale[first + row] = row_scale;
                              });
  });
}

// Columns [first, first + columns) of the normalised x next to each other, `width` floats a row (whole packets), zeros behind the last
// column. row_mean, row_scale: the statistics of every row.
template <int Lanes>
void gather_normalised(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                       const float* row_mean, const float* row_scale, const NormWeights& norm, float* panel, Scratch& scratch) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  scratch.split(rows, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t row = begin; row < begin + count; ++row) {
      const P mean = pset1<P>(row_mean[row]), scale = pset1<P>(row_scale[row]);
      float* const to = panel + row * width;
      transform_row<Lanes>(x + row * stride + first, columns, to, [&](std::ptrdiff_t j, const P& p) {
        return pmadd(pmul(psub(p, mean), scale), ploadu<P>(norm.weight + first + j), ploadu<P>(norm.bias + first + j));
      });
      std::fill(to + columns, to + width, 0.0F);
    }
  });
}

}  // namespace tessera::detail
