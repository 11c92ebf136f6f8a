// SPDX-License-Identifier: MIT
#include "tessera/core/tensor.hpp"

#include "catch.hpp"
#include "tessera/core/batch.hpp"

using namespace tessera;

TEST_CASE("Channels are last, in the tensor and in its Eigen maps") {
  Tensor<Shape{2, 3, 4}> x;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
  REQUIRE(x.eigen()(1, 2, 3) == 23);
  REQUIRE(x.eigen()(1, 0, 2) == 14);
  REQUIRE(x.view().matrix()(5, 1) == 21);
  x.view().matrix()(5, 1) = -1;
  REQUIRE(x[21] == -1);
}

TEST_CASE("A tensor with dynamic sides carries its shape, a fixed one costs a buffer") {
  const Tensor<Shape{Dynamic, Dynamic, 3}> x(Shape{5, 7, 3});
  REQUIRE(x.shape() == Shape{5, 7, 3});
  REQUIRE(x.size() == 105);
  STATIC_REQUIRE(sizeof(Tensor<Shape{224, 224, 3}>) == sizeof(Buffer));
}

TEST_CASE("A shape that does not fit is an error that names both") {
  using Any = Tensor<Shape{Dynamic, Dynamic, 3}>;
  REQUIRE_THROWS_WITH(Any(Shape{5, 7, 4}), "Tensor: found shape 5×7×4, expected ?×?×3");
  REQUIRE_THROWS_WITH((Batch<Shape{2, 2, 1}>(3, Shape{2, 1, 1})), "Batch: found shape 2×1×1, expected 2×2×1");
  REQUIRE_THROWS_WITH((Batch<Shape{2, 2, 1}>(-1)), "Batch: found -1 images, expected 0 or more");
  REQUIRE_THROWS_AS((Batch<Shape{Dynamic, Dynamic, 4}>(1 << 30, Shape{1 << 16, 1 << 16, 4})), std::bad_array_new_length);
  REQUIRE_THROWS_AS((Tensor<Shape{Dynamic, Dynamic, 16}>(Shape{1 << 30, 1 << 30, 16})), std::bad_array_new_length);
  const float number = 0;
  REQUIRE_THROWS_WITH((View<Shape{2, 2, 1}>(&number, Shape{2, 3, 1})), "View: found shape 2×3×1, expected 2×2×1");
}

TEST_CASE("The images of a batch lie one behind the other") {
  Batch<Shape{1, 2, 3}> batch(4);
  batch[2].data()[5] = 9;
  REQUIRE(batch.data()[2 * 6 + 5] == 9);
  REQUIRE(batch.eigen()(2, 0, 1, 2) == 9);
  REQUIRE(batch.count() == 4);
}
