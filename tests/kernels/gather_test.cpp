// SPDX-License-Identifier: MIT
//
// Columns gathered as they are, scaled and normalised: whole panels and incomplete ones.

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/gather.hpp"

using namespace tessera::detail;

TEST_CASE("Columns are copied, scaled or normalised, with zeros after the last one") {
  constexpr std::ptrdiff_t rows = 5, stride = 3 * panel_width<isa> + 1, first = 3;
  const std::vector<float> x = numbers("x", rows * stride), mean = numbers("mean", rows), scale = numbers("scale", rows),
                           weight = numbers("weight", stride + lanes), bias = numbers("bias", stride + lanes);
  for (const int columns : {1, lanes, panel_width<isa> - 1, panel_width<isa>}) {
    CAPTURE(columns);
    const int width = (columns + lanes - 1) / lanes * lanes;
    const auto check = [&](const auto& how, const auto& exact) {
      std::vector<float> panel(static_cast<std::size_t>(rows * width), NAN);
      gather_columns<isa>(x.data(), stride, rows, first, columns, width, how, panel.data());
      for (std::ptrdiff_t n = 0; n < rows; ++n)
        for (int c = 0; c < width; ++c) {
          const float got = panel[static_cast<std::size_t>(n * width + c)];
          const auto k = static_cast<std::size_t>(first + c);
          REQUIRE(std::abs(got - (c < columns ? exact(static_cast<std::size_t>(n), x[static_cast<std::size_t>(n * stride) + k], k) : 0.0)) <
                  1e-6);
        }
    };
    check(GatherAsIs{}, [](std::size_t, float v, std::size_t) { return double{v}; });
    check(GatherScaled{weight.data(), bias.data()},
          [&](std::size_t, float v, std::size_t k) { return double{v} * double{weight[k]} + double{bias[k]}; });
    check(GatherNormalised{mean.data(), scale.data(), weight.data(), bias.data()}, [&](std::size_t n, float v, std::size_t k) {
      return (double{v} - double{mean[n]}) * double{scale[n]} * double{weight[k]} + double{bias[k]};
    });
  }
}
