// SPDX-License-Identifier: MIT

#include <cmath>
#include <limits>

#include "engine/check_rule.hpp"

using namespace tessera;

TEST_CASE("Max pooling gives the reference's numbers exactly") {
  CHECK(error_on<12, 9, 16, MaxPool<3, 2, 1>>() == 0);
  CHECK(error_on<7, 8, 37, MaxPool<3, 2, 1>>() == 0);
  CHECK(error_on<1, 1, 5, MaxPool<3, 2, 1>>() == 0);
  CHECK(error_on<5, 1, 5, MaxPool<3, 2, 1>>() == 0);
  CHECK(error_on<9, 10, 19, MaxPool<2>>() == 0);
  CHECK(error_on<9, 10, 3, MaxPool<5, 3, 2>>() == 0);
}

TEST_CASE("A value that is not a number makes every window that sees it not a number, and no other") {
  using Pool = Network<Shape{6, 6, 19}, MaxPool<3, 2, 1>>;
  const Weights<Pool> weights;
  Tensor<Pool::input> x;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7);
  for (const std::size_t channel : {std::size_t{0}, std::size_t{18}})
    x[(2 * 6 + 3) * 19 + channel] = std::numeric_limits<float>::quiet_NaN();
  const auto reference = weights(x), fast = Model<Pool>(weights)(x);
  std::size_t found = 0;
  for (std::size_t i = 0; i < reference.size(); ++i) {
    CHECK(std::isnan(fast[i]) == std::isnan(reference[i]));
    found += std::isnan(reference[i]) ? 1 : 0;
  }
  // Row 2 is seen by one row of windows, column 3 by two columns, in two channels.
  CHECK(found == 4);
}
