// SPDX-License-Identifier: MIT
#pragma once

// Group norm with one group, in place: the mean and variance of a whole image, a scale and a shift per channel,
//
//     x[n,c] = (x[n,c] - μ)·r·w[c] + b[c]        μ = 1/NC Σ x        r = 1 / √(1/NC Σ (x - μ)² + ε)
//
// Rows are summed in single precision, their sums in double, in order: an image has hundreds of thousands of numbers.

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

}  // namespace tessera::detail
