// SPDX-License-Identifier: MIT
#pragma once

// Group norm, in place: the mean and variance of a group of channels over a whole image, a scale and a shift per channel,
//
//     x[n,c] = (x[n,c] - μ)·r·w[c] + b[c]        μ = 1/NG Σ x        r = 1 / √(1/NG Σ (x - μ)² + ε)        G channels of a group
//
//     normalise_image      one group. Rows are summed in single precision.
//     normalise_groups     any number of groups. Each channel is summed over 16 rows at a time in single precision.
//
// These sums are added up in double precision, in order: an image has hundreds of thousands of numbers. The result does not depend on the
// workers.

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tessera/kernels/layer_norm.hpp"

namespace tessera::detail {

// Floats of scratch that normalise_image takes.
constexpr std::size_t normalise_image_floats(std::int64_t rows) { return Scratch::rounded(static_cast<std::size_t>(rows)); }

template <Isa I>
void normalise_image(float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm, Scratch& scratch) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  Scratch::Frame frame(scratch);
  float* const sums = frame.take(static_cast<std::size_t>(rows));
  const auto for_rows = [&](const auto& visit) {
    scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      for (std::ptrdiff_t row = first; row < first + count; ++row) visit(row, x + row * channels);
    });
  };
  const auto mean_of_sums = [&] { return std::accumulate(sums, sums + rows, 0.0) / static_cast<double>(rows * channels); };

  for_rows([&](std::ptrdiff_t n, const float* row) { sums[n] = predux(sum_of_row<I>(row, channels)); });
  const auto mean = static_cast<float>(mean_of_sums());
  for_rows([&](std::ptrdiff_t n, const float* row) { sums[n] = predux(sum_of_squares<I>(row, channels, mean)); });
  const P centre = pset1<P>(mean),
          scale = pset1<P>(static_cast<float>(1.0 / std::sqrt(mean_of_sums() + static_cast<double>(norm.epsilon))));
  for_rows([&](std::ptrdiff_t, float* row) {
    transform_row<I>(row, channels, row, [=, weight = norm.weight, bias = norm.bias](std::ptrdiff_t c, const P& p) {
      return pmadd(pmul(psub(p, centre), scale), ploadu<P>(weight + c), ploadu<P>(bias + c));
    });
  });
}

// Rows whose sums are made in single precision.
inline constexpr std::int64_t group_norm_rows = 16;

// Floats of scratch that normalise_groups takes.
constexpr std::size_t normalise_groups_floats(std::int64_t rows, std::int64_t channels) {
  const std::int64_t blocks = (rows + group_norm_rows - 1) / group_norm_rows;
  return (static_cast<std::size_t>(blocks) + 2) * Scratch::rounded(static_cast<std::size_t>(channels));
}

// groups divides channels.
template <Isa I>
void normalise_groups(float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, std::ptrdiff_t groups, const NormWeights& norm,
                      Scratch& scratch) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  Scratch::Frame frame(scratch);
  const auto stride = static_cast<std::ptrdiff_t>(Scratch::rounded(static_cast<std::size_t>(channels)));
  const std::ptrdiff_t size = channels / groups, blocks = (rows + group_norm_rows - 1) / group_norm_rows;
  float* const sums = frame.take(static_cast<std::size_t>(blocks * stride));
  float* const mean = frame.take(static_cast<std::size_t>(stride));
  float* const scale = frame.take(static_cast<std::size_t>(stride));
  // Whole packets are read of these.
  std::fill_n(mean, stride, 0.0F);
  std::fill_n(scale, stride, 0.0F);

  // The sums of term(c, packet of x) of each channel, over the rows of each block.
  const auto sum_blocks = [&](const auto& term) {
    scratch.split(blocks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      for (std::ptrdiff_t block = first; block < first + count; ++block) {
        float* const to = sums + block * stride;
        std::fill_n(to, stride, 0.0F);
        for (std::ptrdiff_t n = block * group_norm_rows; n < std::min<std::ptrdiff_t>((block + 1) * group_norm_rows, rows); ++n)
          transform_row<I>(x + n * channels, channels, to,
                           [&](std::ptrdiff_t c, const P& p) { return padd(ploadu<P>(to + c), term(c, p)); });
      }
    });
  };
  // to[c] = finish(the mean of the sums of c's group)
  const auto mean_of_groups = [&](float* to, const auto& finish) {
    for (std::ptrdiff_t first = 0; first < channels; first += size) {
      double total = 0;
      for (const float* block = sums + first; block < sums + blocks * stride; block += stride)
        total = std::accumulate(block, block + size, total);
      std::fill_n(to + first, size, static_cast<float>(finish(total / static_cast<double>(rows * size))));
    }
  };

  sum_blocks([](std::ptrdiff_t, const P& p) { return p; });
  mean_of_groups(mean, [](double of_sums) { return of_sums; });
  sum_blocks([mean](std::ptrdiff_t c, const P& p) {
    const P centred = psub(p, ploadu<P>(mean + c));
    return pmul(centred, centred);
  });
  mean_of_groups(scale, [&norm](double variance) { return 1.0 / std::sqrt(variance + static_cast<double>(norm.epsilon)); });
  scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
    for (std::ptrdiff_t n = first; n < first + count; ++n)
      transform_row<I>(x + n * channels, channels, x + n * channels,
                       [=, weight = norm.weight, bias = norm.bias](std::ptrdiff_t c, const P& p) {
                         return normalised<P>(p, ploadu<P>(mean + c), ploadu<P>(scale + c), ploadu<P>(weight + c), ploadu<P>(bias + c));
                       });
  });
}

}  // namespace tessera::detail
