// SPDX-License-Identifier: MIT
//
// Attention against its equation, in double.

#include "tessera/layers/attention.hpp"
#include "catch.hpp"
#include "random.hpp"

using namespace tessera;

namespace {

constexpr int tokens = 6, channels = 10;

template <int Heads, Bias QkvBias>
void check() {
  using N = Network<Shape{2, 3, channels}, Attention<Heads, QkvBias>>;
  constexpr int width = channels / Heads;
  STATIC_REQUIRE(N::parameter_count == 4 * channels * channels + (QkvBias == Bias::none ? 1 : 4) * channels);
  STATIC_REQUIRE(N::macs == 4 * tokens * channels * channels + 2 * tokens * tokens * channels);
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  const auto y = weights(x);
  const auto& layer = weights.layers().members().head;

  // which: 0 for q, 1 for k, 2 for v
  const auto qkv = [&](int which, int head, int token, int i) {
    const int row = which * channels + head * width + i;
    double sum = QkvBias == Bias::none ? 0.0 : double{layer.qkv_bias().data()[row]};
    for (int c = 0; c < channels; ++c) sum += double{layer.qkv_weight().data()[row * channels + c]} * x.data()[token * channels + c];
    return sum;
  };
  for (int n = 0; n < tokens; ++n) {
    std::vector<double> mixed(channels);
    for (int head = 0; head < Heads; ++head) {
      std::vector<double> share(tokens);
      double total = 0;
      for (int m = 0; m < tokens; ++m) {
        double product = 0;
        for (int i = 0; i < width; ++i) product += qkv(0, head, n, i) * qkv(1, head, m, i);
        share[static_cast<std::size_t>(m)] = std::exp(product / std::sqrt(double{width}));
        total += share[static_cast<std::size_t>(m)];
      }
      for (int i = 0; i < width; ++i)
        for (int m = 0; m < tokens; ++m)
          mixed[static_cast<std::size_t>(head * width + i)] += share[static_cast<std::size_t>(m)] / total * qkv(2, head, m, i);
    }
    for (int c = 0; c < channels; ++c) {
      double want = layer.proj_bias().data()[c];
      for (int i = 0; i < channels; ++i) want += double{layer.proj_weight().data()[c * channels + i]} * mixed[static_cast<std::size_t>(i)];
      REQUIRE(std::abs(y.data()[n * channels + c] - want) <= 5e-6 * std::max(1.0, std::abs(want)));
    }
  }
}

}  // namespace

TEST_CASE("Attention gives every token a softmax-weighted mean of the values, head by head") {
  check<1, Bias::per_channel>();
  check<2, Bias::per_channel>();
  check<5, Bias::none>();
}

TEST_CASE("Attention survives large scores: the row maximum is taken off before the exponential") {
  using N = Network<Shape{2, 3, channels}, Attention<2>>;
  const auto weights = random_weights<N>();
  auto x = random_tensor<N::input>();
  for (float& value : x) value *= 1000;
  const auto y = weights(x);
  const Model<N> model(weights);
  const auto z = model(x);
  for (std::size_t i = 0; i < y.size(); ++i) {
    REQUIRE(std::isfinite(y[i]));
    REQUIRE(std::isfinite(z[i]));
  }
}
