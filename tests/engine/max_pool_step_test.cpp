// SPDX-License-Identifier: MIT

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
