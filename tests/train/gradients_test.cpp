// SPDX-License-Identifier: MIT

// Gradients of whole networks against PyTorch's autograd in float64 (data/make_gradients.py), and of single layers against finite
// differences.

#include "networks.hpp"

#include "tessera/layers/gated_feed_forward.hpp"
#include "tessera/layers/identity.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;
using namespace tessera::test;
using Catch::Matchers::Contains;

namespace {

std::vector<float> thinned(std::span<const float> values) {
  const std::size_t step = (values.size() + 1023) / 1024;
  std::vector<float> some;
  for (std::size_t i = 0; i < values.size(); i += step) some.push_back(values[i]);
  return some;
}

template <class N>
void check_with_pytorch(const std::string& name) {
  const Golden golden(name);
  Trainer<N> trainer(random_weights<N>());
  const double loss = trainer.loss_and_gradients(random_batch<N>(), std::span<const float>(random_targets()));
  CAPTURE(name);
  CHECK(std::abs(loss - static_cast<double>(golden["loss"][0])) < 1e-6 * loss);
  for (const TrainedParameter& p : trainer.parameters()) {
    CAPTURE(p.key);
    const std::vector<float> got = thinned(p.learnable() ? p.gradient : p.values);
    const auto want = golden[(p.learnable() ? "gradient." : "running.") + p.key];
    REQUIRE(got.size() == want.size());
    CHECK(relative_distance(got, want) < 2e-5);
  }
}

// Whether the slope of the loss Σ c·y along a random direction of all parameters is what the gradients say. An Affine before the layer sees
// what the layer hands down.
template <class L, Shape In>
void check_with_differences(const TrainerOptions& options = {}) {
  using N = Network<In, Named<"before", Affine>, Named<"layer", L>>;
  const auto batch = random_batch<N>(3);
  std::vector<float> factors(static_cast<std::size_t>(3 * N::output.size()));
  fill("factors", 1, -1, 1, factors);
  const auto loss = [&](std::span<const float> scores, std::span<float> slopes) {
    double sum = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) sum += static_cast<double>(scores[i]) * static_cast<double>(factors[i]);
    std::copy(factors.begin(), factors.end(), slopes.begin());
    return sum;
  };
  Trainer<N> trainer(random_weights<N>(), options);
  trainer.loss_and_gradients(batch, loss);
  double expected = 0, length = 0;
  std::vector<std::vector<float>> directions;
  for (const TrainedParameter& p : trainer.parameters()) {
    auto& direction = directions.emplace_back(p.gradient.size());
    fill(p.key, 7, -1, 1, direction);
    for (std::size_t i = 0; i < direction.size(); ++i) {
      expected += static_cast<double>(direction[i]) * static_cast<double>(p.gradient[i]);
      length += std::pow(static_cast<double>(p.gradient[i]), 2);
    }
  }
  const float h = 1.0F / 1024;
  const auto moved = [&](float by) {
    std::size_t next = 0;
    for (const TrainedParameter& p : trainer.parameters()) {
      const auto& direction = directions[next++];
      for (std::size_t i = 0; i < direction.size(); ++i) p.values[i] += by * direction[i];
    }
    trainer.steps() = 0;  // the same is dropped
    return trainer.loss_and_gradients(batch, loss);
  };
  const double above = moved(h), below = moved(-2 * h);
  CAPTURE(L::template At<In>::output, expected, length);
  CHECK(std::abs((above - below) / (2 * static_cast<double>(h)) - expected) < 0.01 * std::sqrt(length));
}

template <class N>
void check_threads() {
  const auto batch = random_batch<N>(11);
  const auto targets = random_targets(11);
  std::vector<std::vector<float>> first;
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPoolWorkers workers(threads);
    Trainer<N> trainer(random_weights<N>(), {.workers = &workers, .seed = 3, .drop_path = 0.2});
    for (int step = 0; step < 2; ++step) trainer.loss_and_gradients(batch, std::span<const float>(targets));
    std::vector<std::vector<float>> now;
    for (const TrainedParameter& p : trainer.parameters()) {
      now.emplace_back(p.gradient.begin(), p.gradient.end());
      now.emplace_back(p.values.begin(), p.values.end());
    }
    if (first.empty()) first = now;
    CHECK(now == first);
  }
}

}  // namespace

TEST_CASE("gradients are those of PyTorch's autograd") {
  check_with_pytorch<TinyResMlp>("resmlp");
  check_with_pytorch<TinyMixer>("mixer");
  check_with_pytorch<TinyMixerTanh>("mixer_tanh");
  check_with_pytorch<TinySpachShared>("spach_shared");
  check_with_pytorch<TinySpachAttention>("spach_attention");
  check_with_pytorch<TinySpachMs>("spach_ms");
  check_with_pytorch<TinyConvMlp>("convmlp");
}

TEST_CASE("gradients of each layer are the slopes of the loss") {
  check_with_differences<Linear<7>, Shape{3, 5, 6}>();
  check_with_differences<Linear<33>, Shape{1, 1, 70}>();
  check_with_differences<Affine, Shape{2, 3, 19}>();
  check_with_differences<LayerScale, Shape{2, 3, 19}>();
  check_with_differences<Gelu, Shape{4, 3, 9}>();
  check_with_differences<GeluTanh, Shape{4, 3, 9}>();
  check_with_differences<Relu, Shape{4, 3, 9}>();
  check_with_differences<Silu, Shape{4, 3, 9}>();
  check_with_differences<LayerNorm<>, Shape{4, 3, 21}>();
  check_with_differences<GroupNorm<>, Shape{4, 3, 10}>();
  check_with_differences<GroupNorm<5>, Shape{4, 3, 10}>();
  check_with_differences<BatchNorm, Shape{4, 3, 11}>();
  check_with_differences<MeanPool, Shape{5, 3, 11}>();
  check_with_differences<MaxPool<3, 2, 1>, Shape{7, 6, 5}>();
  check_with_differences<MaxPool<2>, Shape{6, 4, 5}>();
  check_with_differences<PatchEmbed<4, 9>, Shape{8, 12, 3}>();
  check_with_differences<Convolution<5, 3, 2, 1>, Shape{9, 8, 4}>();
  check_with_differences<Convolution<5, 5, 1, 0, Bias::none>, Shape{9, 8, 2}>();
  check_with_differences<Convolution<6, 1, 1, 0, Bias::none>, Shape{5, 4, 7}>();
  check_with_differences<Convolution<6, 1, 2>, Shape{5, 4, 7}>();
  check_with_differences<DepthwiseConvolution<>, Shape{5, 6, 7}>();
  check_with_differences<DepthwiseConvolution<5, Bias::none>, Shape{3, 6, 20}>();
  check_with_differences<Attention<3>, Shape{3, 4, 12}>();
  check_with_differences<Attention<1, Bias::none>, Shape{1, 5, 6}>();
  check_with_differences<FeedForward<17>, Shape{2, 3, 5}>();
  check_with_differences<AcrossTokens<Linear<>>, Shape{3, 5, 6}>();
  check_with_differences<AcrossTokens<FeedForward<9>>, Shape{3, 5, 6}>();
  check_with_differences<GatedFeedForward<18>, Shape{3, 2, 5}>();
  check_with_differences<SpatialGatedFeedForward<18>, Shape{3, 2, 5}>();
  check_with_differences<Parallel<Named<"a", Affine>, Named<"b", Linear<>>, Named<"c", DepthwiseConvolution<>>>, Shape{3, 4, 6}>();
  check_with_differences<Residual<Gelu, Linear<>>, Shape{3, 4, 6}>();
  check_with_differences<Repeat<3, Residual<Shared<Linear<>>, Gelu>>, Shape{3, 4, 6}>();
}

TEST_CASE("gradients with random choices are the slopes of the loss for these choices") {
  check_with_differences<Dropout, Shape{3, 4, 6}>({.seed = 1, .dropout = 0.4});
  check_with_differences<Repeat<3, Residual<Linear<>>>, Shape{3, 4, 6}>({.seed = 1, .drop_path = 0.6});
}

TEST_CASE("gradients have the same bits for any number of threads") {
  check_threads<TinyResMlp>();
  check_threads<TinySpachMs>();
  check_threads<TinyConvMlp>();
}

TEST_CASE("a trainer says what it cannot train") {
  CHECK_THROWS_WITH(Trainer<TinyResMlp>(Weights<TinyResMlp>{}), Contains("found no values for parameter"));
  CHECK_THROWS_WITH((Trainer<TinyResMlp>(random_weights<TinyResMlp>(), {.drop_path = 1})), Contains("probability of dropping of 1"));
  Trainer<TinyResMlp> trainer(random_weights<TinyResMlp>());
  CHECK_THROWS_WITH(trainer.loss_and_gradients(Batch<rgb_16>(0), std::span<const float>()), Contains("a batch of 0 images"));
  CHECK_THROWS_WITH(trainer.loss_and_gradients(Batch<any_shape>(1, {8, 8, 3}), std::span<const float>()), Contains("found shape 8×8×3"));
  CHECK_THROWS_WITH(trainer.loss_and_gradients(Batch<rgb_16>(2), std::span<const float>()), Contains("found 0 targets"));
}
