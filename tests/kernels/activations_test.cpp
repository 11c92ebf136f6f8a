// SPDX-License-Identifier: MIT
#include "tessera/kernels/activations.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"

namespace {

using P = tessera::detail::Packet<isa>;

float gelu(float x) {
  float lane[lanes];
  std::fill_n(lane, lanes, x);
  Eigen::internal::pstoreu(lane, tessera::detail::GeluKernel::apply(P(Eigen::internal::ploadu<P>(lane))));
  REQUIRE(std::all_of(lane, lane + lanes, [&](float y) { return std::bit_cast<int>(y) == std::bit_cast<int>(lane[0]); }));
  return lane[0];
}
double exact(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }

}  // namespace

TEST_CASE("GELU on packets is exact to 2e-7 in the middle, to 1.5e-6 up to |x| = 12") {
  double middle = 0, all = 0;
  for (int i = -12 * 2048; i <= 12 * 2048; ++i) {
    const float x = static_cast<float>(i) / 2048;
    const double error = std::abs(gelu(x) - exact(x));
    all = std::max(all, error);
    if (std::abs(x) <= 1) middle = std::max(middle, error);
  }
  INFO(middle << " " << all);
  REQUIRE(middle < 2e-7);
  REQUIRE(all < 1.5e-6);
}

TEST_CASE("GELU on packets ends in 0 and in x, and keeps NaN") {
  for (const float x : {6.0F, 20.0F, 1000.0F, 1e30F}) {
    REQUIRE(std::abs(gelu(x) - x) <= 2e-7F * x);
    REQUIRE(std::abs(gelu(-x)) <= 1e-7F * x);
  }
  REQUIRE(gelu(0) == 0.0F);
  REQUIRE(gelu(std::numeric_limits<float>::infinity()) == std::numeric_limits<float>::infinity());
  REQUIRE(std::isnan(gelu(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("Activations of whole tiles are those of single packets, and may be in place") {
  constexpr std::ptrdiff_t rows = 3, columns = 2 * lanes, stride = 3 * lanes;
  std::vector<float> x(static_cast<std::size_t>(rows * stride)), y(x.size(), 7.0F);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 16 - 2;
  const auto function = tessera::detail::activate<isa, tessera::detail::GeluKernel>;
  function(x.data(), stride, y.data(), stride, rows, columns);
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    for (std::ptrdiff_t c = 0; c < stride; ++c) {
      const auto i = static_cast<std::size_t>(r * stride + c);
      REQUIRE(y[i] == (c < columns ? gelu(x[i]) : 7.0F));
    }
  function(x.data(), stride, x.data(), stride, rows, columns);
  for (std::ptrdiff_t r = 0; r < rows; ++r)
    REQUIRE(std::equal(x.begin() + r * stride, x.begin() + r * stride + columns, y.begin() + r * stride));
}
