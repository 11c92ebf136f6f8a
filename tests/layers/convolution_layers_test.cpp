// SPDX-License-Identifier: MIT
//
// Convolutions, batch norm and max pooling against their equations, summed in double.

#include "catch.hpp"
#include "plain_convolution.hpp"
#include "random.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/max_pool.hpp"

using namespace tessera;

namespace {

// Sums of at most a few hundred products of numbers below two.
constexpr double tolerance = 1e-5;

template <Shape S, int Channels, int Kernel, int Stride, int Padding, Bias WithBias>
void check_convolution() {
  using N = Network<S, Convolution<Channels, Kernel, Stride, Padding, WithBias>>;
  const auto weights = random_weights<N>();
  const auto x = random_tensor<S>();
  const auto& layer = weights.layers().members().head;
  auto want = plain::convolution(x.data(), S, {Kernel, Stride, Padding}, layer.weight().data(), Channels);
  for (std::size_t i = 0; WithBias == Bias::per_channel && i < want.size(); ++i) want[i] += layer.bias().data()[i % Channels];
  REQUIRE(plain::largest_difference(weights(x), want) < tolerance);
  STATIC_REQUIRE(N::macs == N::output.size() * S.channels * Kernel * Kernel);
}

template <class N>
std::string keys() {
  std::string all;
  Weights<N> weights;
  for (const auto& [key, parameter] : weights.parameters()) all += key + (parameter->learnable() ? " " : "* ");
  return all;
}

}  // namespace

TEST_CASE("Convolution is the cross-correlation with zeros around the map") {
  check_convolution<Shape{5, 7, 3}, 4, 3, 1, 1, Bias::per_channel>();
  check_convolution<Shape{6, 7, 5}, 8, 3, 2, 1, Bias::none>();
  check_convolution<Shape{11, 9, 3}, 6, 7, 2, 3, Bias::none>();
  check_convolution<Shape{8, 6, 4}, 5, 2, 2, 0, Bias::per_channel>();
  check_convolution<Shape{4, 3, 7}, 9, 1, 1, 0, Bias::per_channel>();
  check_convolution<Shape{1, 1, 2}, 3, 3, 1, 1, Bias::per_channel>();
  check_convolution<Shape{7, 9, 2}, 3, 4, 3, 2, Bias::none>();
}

TEST_CASE("Convolution takes any size where the sides are dynamic") {
  using N = Network<Shape{Dynamic, Dynamic, 3}, Convolution<4, 3, 2, 1, Bias::none>>;
  const auto weights = random_weights<N>();
  const auto& layer = weights.layers().members().head;
  for (const Shape shape : {Shape{1, 1, 3}, Shape{2, 5, 3}, Shape{9, 4, 3}}) {
    const auto x = random_tensor<N::input>(1, shape);
    const auto y = weights(x);
    REQUIRE(y.shape() == Shape{(shape.height + 1) / 2, (shape.width + 1) / 2, 4});
    REQUIRE(plain::largest_difference(y, plain::convolution(x.data(), shape, {3, 2, 1}, layer.weight().data(), 4)) < tolerance);
  }
}

TEST_CASE("DepthwiseConvolution works on each channel alone") {
  using N = Network<Shape{6, 5, 7}, DepthwiseConvolution<3>>;
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto& layer = weights.layers().members().head;
  auto want = plain::depthwise(x.data(), N::input, 3, layer.weight().data());
  for (std::size_t i = 0; i < want.size(); ++i) want[i] += layer.bias().data()[i % 7];
  REQUIRE(plain::largest_difference(weights(x), want) < tolerance);
  STATIC_REQUIRE(N::parameter_count == 7 * 9 + 7);
  STATIC_REQUIRE(N::macs == 6 * 5 * 7 * 9);
}

TEST_CASE("BatchNorm uses the stored statistics") {
  using N = Network<Shape{3, 4, 5}, BatchNorm>;
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto& norm = weights.layers().members().head;
  std::vector<double> want;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t c = i % 5;
    want.push_back((double{x[i]} - norm.mean().data()[c]) / std::sqrt(double{norm.variance().data()[c]} + 1e-5) * norm.weight().data()[c] +
                   norm.bias().data()[c]);
  }
  REQUIRE(plain::largest_difference(weights(x), want) < tolerance);
  STATIC_REQUIRE(N::parameter_count == 10);  // statistics are not learnt
}

TEST_CASE("MaxPool takes the largest number of each window, of what is inside the map") {
  using N = Network<Shape{6, 7, 3}, MaxPool<3, 2, 1>>;
  Tensor<N::input> x;
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = -1.0F - static_cast<float>((i * 37) % 101);  // negative: zeros around would show
  REQUIRE(plain::largest_difference(Weights<N>()(x), plain::max_pool(x.data(), N::input, {3, 2, 1})) == 0);
}

TEST_CASE("Convolution layers have PyTorch's keys") {
  CHECK(keys<Network<Shape{3, 3, 2}, Convolution<4, 3>>>() == "weight bias ");
  CHECK(keys<Network<Shape{3, 3, 2}, Convolution<4, 3, 1, 1, Bias::none>>>() == "weight ");
  CHECK(keys<Network<Shape{3, 3, 2}, DepthwiseConvolution<3, Bias::none>>>() == "weight ");
  CHECK(keys<Network<Shape{3, 3, 2}, BatchNorm>>() == "weight bias running_mean* running_var* ");
}
