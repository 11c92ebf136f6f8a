// SPDX-License-Identifier: MIT

#include "catch.hpp"
#include "random.hpp"

using namespace tessera;

namespace {

template <int Height, int Width, int Channels, class... Layers>
double at() {
  return engine_error<Network<Shape{Height, Width, Channels}, Layers...>>();
}

}  // namespace

TEST_CASE("Max pooling gives the reference's numbers exactly") {
  CHECK(at<12, 9, 16, MaxPool<3, 2, 1>>() == 0);
  CHECK(at<7, 8, 37, MaxPool<3, 2, 1>>() == 0);
  CHECK(at<1, 1, 5, MaxPool<3, 2, 1>>() == 0);
  CHECK(at<5, 1, 5, MaxPool<3, 2, 1>>() == 0);
  CHECK(at<9, 10, 19, MaxPool<2>>() == 0);
  CHECK(at<9, 10, 3, MaxPool<5, 3, 2>>() == 0);
}
