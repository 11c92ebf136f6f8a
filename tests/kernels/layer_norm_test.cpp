// SPDX-License-Identifier: MIT
//
// Layer norm of any number of rows: each as its mean and variance in double ask for, with the same bits among others as alone.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/kernels/layer_norm.hpp"

using namespace tessera;
using namespace tessera::detail;

TEST_CASE("Rows are brought to mean 0 and variance 1, whatever their number and length") {
  constexpr std::ptrdiff_t rows = 2 * lanes + 1;
  constexpr float epsilon = 1e-5F;
  for (const std::ptrdiff_t channels : {1, 5, 64, 83}) {
    CAPTURE(channels);
    std::vector<float> x(static_cast<std::size_t>(rows * channels)), y(x.size()), alone(x.size());
    fill("x", 1, 2.0F, 5.0F, x);
    normalise_rows<isa>(x.data(), channels, rows, channels, {epsilon, nullptr, nullptr}, y.data(), channels);
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      const float* const from = x.data() + row * channels;
      normalise_rows<isa>(from, channels, 1, channels, {epsilon, nullptr, nullptr}, alone.data() + row * channels, channels);
      double mean = 0, square = 0;
      for (std::ptrdiff_t c = 0; c < channels; ++c) mean += from[c] / static_cast<double>(channels);
      for (std::ptrdiff_t c = 0; c < channels; ++c) square += (from[c] - mean) * (from[c] - mean) / static_cast<double>(channels);
      for (std::ptrdiff_t c = 0; c < channels; ++c)
        REQUIRE(std::abs(y[static_cast<std::size_t>(row * channels + c)] - (from[c] - mean) / std::sqrt(square + double{epsilon})) < 1e-4);
    }
    REQUIRE(alone == y);
  }
}
