// SPDX-License-Identifier: MIT
#pragma once

// Group norm with one group, in place: the mean and variance of a whole image, a scale and a shift per channel,
//
//     x[n,c] = (x[n,c] - μ)·r·w[c] + b[c]        μ = 1/NC Σ x        r = 1 / √(1/NC Σ (x - μ)² + ε)
//
// Rows are summed in single precision, their sums in double: an image has hundreds of thousands of numbers.

#include "tessera/kernels/layer_norm.hpp"

namespace tessera::detail {

template <int Lanes>
void normalise_image(float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, const NormWeights& norm) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  const auto count = static_cast<double>(rows * channels);
  double sum = 0;
  for (std::ptrdiff_t row = 0; row < rows; ++row)
    sum += double{sum_row<Lanes>(x + row * channels, channels, 0.0F, [](const P& p) { return p; })};
  const auto mean = static_cast<float>(sum / count);
  const P centre = pset1<P>(mean);
  double square = 0;
  for (std::ptrdiff_t row = 0; row < rows; ++row)
    square += double{sum_row<Lanes>(x + row * channels, channels, mean, [&](const P& p) {
      const P centred = psub(p, centre);
      return pmul(centred, centred);
    })};
  const P scale = pset1<P>(static_cast<float>(1.0 / std::sqrt(square / count + double{norm.epsilon})));
  for (std::ptrdiff_t row = 0; row < rows; ++row)
    transform_row<Lanes>(x + row * channels, channels, x + row * channels, [&](std::ptrdiff_t c, const P& p) {
      return pmadd(pmul(psub(p, centre), scale), ploadu<P>(norm.weight + c), ploadu<P>(norm.bias + c));
    });
}

}  // namespace tessera::detail
