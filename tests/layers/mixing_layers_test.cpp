// SPDX-License-Identifier: MIT
//
// Linear, feed-forward, token mixing and patch embedding against their equations, summed in double.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/core/eigen_tensor.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/patch_embed.hpp"

using namespace tessera;

namespace {

bool near(double a, double b) { return std::abs(a - b) <= 5e-6 * std::max(1.0, std::abs(b)); }

// y = W x + b in double, W: out × in.
std::vector<double> linear(const Parameter& weight, const Parameter& bias, const std::vector<double>& x) {
  std::vector<double> y;
  for (int k = 0; k < weight.extent(0); ++k) {
    double sum = bias.data()[k];
    for (int c = 0; c < weight.extent(1); ++c) sum += double{weight.data()[k * weight.extent(1) + c]} * x[static_cast<std::size_t>(c)];
    y.push_back(sum);
  }
  return y;
}

}  // namespace

TEST_CASE("Linear multiplies the channels of every position by the same matrix") {
  using N = Network<Shape{2, 3, 5}, Linear<4>>;
  STATIC_REQUIRE(N::output == Shape{2, 3, 4});
  STATIC_REQUIRE(N::parameter_count == 4 * 5 + 4);
  STATIC_REQUIRE(N::macs == 6 * 20);
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto y = weights(x);
  const auto& layer = weights.layers().members().head;
  for (std::size_t n = 0; n < 6; ++n) {
    const auto want = linear(layer.weight(), layer.bias(), std::vector<double>(x.begin() + n * 5, x.begin() + n * 5 + 5));
    for (std::size_t k = 0; k < 4; ++k) REQUIRE(near(y[n * 4 + k], want[k]));
  }
}

TEST_CASE("Linear<> keeps the number of channels") { STATIC_REQUIRE(Network<Shape{1, 1, 7}, Linear<>>::output == Shape{1, 1, 7}); }

TEST_CASE("FeedForward is two linear layers with a GELU between them") {
  using N = Network<Shape{1, 3, 5}, FeedForward<8>>;
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto y = weights(x);
  const auto& layer = weights.layers().members().head;
  for (std::size_t n = 0; n < 3; ++n) {
    auto hidden = linear(layer.fc1().weight(), layer.fc1().bias(), std::vector<double>(x.begin() + n * 5, x.begin() + n * 5 + 5));
    for (double& h : hidden) h = 0.5 * h * (1 + std::erf(h / std::sqrt(2.0)));
    const auto want = linear(layer.fc2().weight(), layer.fc2().bias(), hidden);
    for (std::size_t c = 0; c < 5; ++c) REQUIRE(near(y[n * 5 + c], want[c]));
  }
}

TEST_CASE("AcrossTokens mixes positions, with one bias a token and the same weights for every channel") {
  using N = Network<Shape{2, 3, 5}, AcrossTokens<Linear<>>>;
  STATIC_REQUIRE(N::parameter_count == 6 * 6 + 6);
  STATIC_REQUIRE(N::macs == 5 * 36);
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto y = weights(x);
  const auto& layer = weights.layers().members().head.member();
  for (std::size_t c = 0; c < 5; ++c) {
    std::vector<double> column;
    for (std::size_t n = 0; n < 6; ++n) column.push_back(x[n * 5 + c]);
    const auto want = linear(layer.weight(), layer.bias(), column);
    for (std::size_t n = 0; n < 6; ++n) REQUIRE(near(y[n * 5 + c], want[n]));
  }
}

TEST_CASE("PatchEmbed maps every patch on its own; its weights are ordered channel, row, column") {
  using N = Network<Shape{4, 6, 3}, PatchEmbed<2, 5>>;
  STATIC_REQUIRE(N::output == Shape{2, 3, 5});
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto y = weights(x);
  const auto& layer = weights.layers().members().head;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 5; ++k) {
        double sum = layer.bias().data()[k];
        for (int c = 0; c < 3; ++c)
          for (int u = 0; u < 2; ++u)
            for (int v = 0; v < 2; ++v)
              sum += double{layer.weight().data()[((k * 3 + c) * 2 + u) * 2 + v]} * x.eigen()(2 * i + u, 2 * j + v, c);
        REQUIRE(near(y.eigen()(i, j, k), sum));
      }
}
