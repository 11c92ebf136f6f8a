// SPDX-License-Identifier: MIT
#include "tessera/core/tensor.hpp"

#include <numeric>
#include <vector>

#include "catch.hpp"
#include "tessera/core/batch.hpp"
#include "tessera/core/eigen_tensor.hpp"

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
  REQUIRE_THROWS_WITH((Batch<Shape{Dynamic, Dynamic, 4}>(1 << 30, Shape{1 << 16, 1 << 16, 4})),
                      "Tensor: found 1073741824 × shape 65536×65536×4, expected at most 2305843009213693951 values");
  REQUIRE_THROWS_AS((Tensor<Shape{Dynamic, Dynamic, 16}>(Shape{1 << 30, 1 << 30, 16})), Error);
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

TEST_CASE("A tensor is a value: it is copied and compared") {
  Tensor<Shape{2, 3, 4}> a;
  a[7] = 1;
  Tensor<Shape{2, 3, 4}> b = a;
  REQUIRE(b == a);
  REQUIRE(b.data() != a.data());
  b[7] = 2;
  REQUIRE(b != a);
  REQUIRE(a[7] == 1);
  a = b;
  REQUIRE(a == b);
  const std::vector<Tensor<Shape{2, 3, 4}>> several(3, a);
  REQUIRE(several[2] == a);

  const Tensor<any_shape> wide(Shape{1, 2, 3}), high(Shape{2, 1, 3});
  REQUIRE(wide != high);
  REQUIRE(wide == Tensor<any_shape>(wide.view()));
}

TEST_CASE("A batch is a value: it is copied and compared") {
  Batch<Shape{1, 2, 3}> a(2);
  a[1].data()[0] = 5;
  Batch<Shape{1, 2, 3}> b = a;
  REQUIRE(b == a);
  REQUIRE(b.data() != a.data());
  b[0][1] = 1;
  REQUIRE(b != a);
  REQUIRE(a != Batch<Shape{1, 2, 3}>(3));
  REQUIRE(std::accumulate(a.begin(), a.end(), 0.0F) == 5);
}

TEST_CASE("A tensor is taken where a view of its shape is expected") {
  const auto sum = [](View<Shape{1, 2, 3}> x) { return std::accumulate(x.begin(), x.end(), 0.0F); };
  const auto raise = [](MutableView<Shape{1, 2, 3}> x) {
    for (float& value : x) value += 1;
  };
  Tensor<Shape{1, 2, 3}> x;
  raise(x);
  REQUIRE(sum(x) == 6);
  const auto& fixed = x;
  REQUIRE(sum(fixed) == 6);
  Batch<Shape{1, 2, 3}> batch(2);
  raise(batch[1]);
  REQUIRE(sum(batch[1]) == 6);
  REQUIRE(sum(batch[0]) == 0);
  REQUIRE(View<Shape{1, 2, 3}>(x).data() == x.data());
  REQUIRE(MutableView<Shape{1, 2, 3}>(x).size() == 6);
}
