// SPDX-License-Identifier: MIT

#include "engine/check_rule.hpp"

using namespace tessera;

namespace {

// Both sum the same numbers in different orders; nothing here has more than a few thousand summands.
constexpr double tolerance = 3e-6;

}  // namespace

TEST_CASE("Convolutions of every size equal the reference") {
  CHECK(error_on<9, 7, 3, Convolution<8, 3, 2, 1>>() < tolerance);
  CHECK(error_on<8, 10, 5, Convolution<7, 3, 2, 1, Bias::none>>() < tolerance);
  CHECK(error_on<23, 17, 3, Convolution<64, 7, 2, 3, Bias::none>>() < tolerance);
  CHECK(error_on<6, 9, 20, Convolution<36, 2, 2, 0, Bias::none>>() < tolerance);
  CHECK(error_on<9, 6, 13, Convolution<10, 3>>() < tolerance);
  CHECK(error_on<12, 5, 6, Convolution<9, 4, 3, 2>>() < tolerance);
  CHECK(error_on<40, 33, 16, Convolution<33, 3, 2, 1>>() < tolerance);
}

TEST_CASE("A 1x1 convolution is a product over positions") {
  CHECK(error_on<31, 29, 16, Convolution<20, 1>>() < tolerance);
  CHECK(error_on<1, 1, 7, Convolution<3, 1, 1, 0, Bias::none>>() < tolerance);
  CHECK(error_on<9, 9, 7, Convolution<5, 1, 2>>() < tolerance);
  CHECK(error_on<5, 4, 7, Convolution<5, 1, 1, 1>>() < tolerance);
}

TEST_CASE("Maps of one position work") {
  CHECK(error_on<1, 1, 3, Convolution<8, 3, 2, 1>>() < tolerance);
  CHECK(error_on<1, 1, 17, Convolution<18, 3, 1, 1>>() < tolerance);
  CHECK(error_on<1, 6, 17, Convolution<18, 3, 1, 1>>() < tolerance);
  CHECK(error_on<6, 1, 17, Convolution<18, 3, 1, 1>>() < tolerance);
}

TEST_CASE("Batch norm and ReLU behind a convolution are fused without changing the result") {
  using Conv = Convolution<21, 3, 2, 1>;
  using BiasFree = Convolution<24, 3, 1, 1, Bias::none>;
  CHECK(error_on<10, 11, 5, Conv, BatchNorm, Relu>() < tolerance);
  CHECK(error_on<10, 11, 5, Conv, BatchNorm>() < tolerance);
  CHECK(error_on<10, 11, 5, Conv, Relu>() < tolerance);
  CHECK(error_on<10, 11, 5, Conv, Relu, BatchNorm>() < tolerance);
  CHECK(error_on<10, 11, 5, Conv, BatchNorm, Gelu>() < tolerance);
  CHECK(error_on<10, 11, 5, BiasFree, BatchNorm, Relu, Conv, BatchNorm, Relu, Convolution<4, 1>>() < tolerance);
  CHECK(error_on<10, 11, 5, Named<"0", BiasFree>, Named<"1", BatchNorm>, Relu, BatchNorm, Relu>() < tolerance);
}

TEST_CASE("A residual branch of convolutions equals the reference") {
  using Branch = Residual<Sequential<Convolution<20, 1, 1, 0, Bias::none>, BatchNorm, Relu>,
                          Sequential<Convolution<20, 3, 1, 1, Bias::none>, BatchNorm, Relu>,
                          Sequential<Convolution<16, 1, 1, 0, Bias::none>, BatchNorm, Relu>>;
  using Other = Residual<Relu, Convolution<20, 3, 1, 1>, BatchNorm, Convolution<16, 1>, Relu>;  // no rule
  CHECK(error_on<12, 9, 16, Branch>() < tolerance);
  CHECK(error_on<1, 1, 16, Branch>() < tolerance);
  CHECK(error_on<12, 9, 16, Relu, Branch, Other>() < tolerance);
  CHECK(error_on<12, 9, 16, Branch, Branch>() < tolerance);
  CHECK(error_on<7, 5, 16, Repeat<3, Branch>>() < tolerance);
}

TEST_CASE("Stride-1 3x3 convolutions equal the reference at every remainder of the tile size") {
  using Layer = Sequential<Convolution<18, 3, 1, 1, Bias::none>, BatchNorm, Relu>;
  using Any = Network<Shape{Dynamic, Dynamic, 19}, Layer>;
  for (int height = 1; height < 10; ++height)
    for (int width = 1; width < 10; ++width) {
      CAPTURE(height, width);
      CHECK(engine_error<Any>(1, {height, width, 19}) < tolerance);
    }
  CHECK(error_on<57, 63, 32, Convolution<64, 3, 1, 1>>() < tolerance);
  CHECK(error_on<28, 28, 64, Convolution<32, 3, 1, 1>, Relu>() < tolerance);
  CHECK(error_on<14, 15, 130, Convolution<70, 3, 1, 1>, Relu>() < tolerance);
}

TEST_CASE("A convolution that is pooled band by band equals the reference") {
  using Layer = Sequential<Named<"0", Convolution<18, 3, 1, 1, Bias::none>>, Named<"1", BatchNorm>, Relu>;
  using Any = Network<Shape{Dynamic, Dynamic, 19}, Layer, MaxPool<3, 2, 1>>;
  // Less than a band, one, and several, with every remainder.
  for (const int width : {1, 6, 41, 63})
    for (const int height : {1, 2, 3, 4, 5, 21, 38, 59, 80}) {
      CAPTURE(height, width);
      CHECK(engine_error<Any>(1, {height, width, 19}) < tolerance);
    }
  CHECK(error_on<56, 57, 32, Layer, MaxPool<3, 2, 1>, Relu>() < tolerance);
  CHECK(error_on<20, 20, 16, Named<"conv", Layer>, Named<"pool", MaxPool<3, 2, 1>>>() < tolerance);
  CHECK(error_on<12, 12, 16, Layer, MaxPool<2, 2>>() < tolerance);  // no rule
  // The convolution's map has no place of its own.
  using Wide = Sequential<Sequential<Convolution<64, 3, 1, 1>, BatchNorm, Relu>, MaxPool<3, 2, 1>>;
  constexpr Shape in{80, 80, 16};
  STATIC_REQUIRE(detail::LoweredOf<Engine{}, Wide, Wide::At<in>>::flow_floats(in) == 80 * 80 * 16);
}

TEST_CASE("A dynamic image that is too small for the kernel is refused") {
  using N = Network<Shape{Dynamic, Dynamic, 3}, Convolution<4, 7, 2, 1>>;
  const Model<N> model(random_weights<N>());
  CHECK_THROWS_WITH(model(Tensor<N::input>(Shape{4, 9, 3})), Catch::Contains("found a side of 4, expected at least 5"));
  CHECK(engine_error<N>(1, {5, 9, 3}) < tolerance);
}
