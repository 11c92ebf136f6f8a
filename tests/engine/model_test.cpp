// SPDX-License-Identifier: MIT
#include "tessera/engine/model.hpp"

#include "catch.hpp"
#include "random.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;

namespace {

using Tiny = ResMlp<Shape{32, 32, 3}, 4, 48, 3, 10>;

template <class X, class Y>
bool same(const X& x, const Y& y) {
  return static_cast<std::size_t>(x.size()) == static_cast<std::size_t>(y.size()) && std::equal(x.data(), x.data() + x.size(), y.data());
}

}  // namespace

TEST_CASE("Scratch is needed in the size that is announced, known at compile time") {
  constexpr std::size_t bytes = Model<Tiny>::scratch_bytes();
  STATIC_REQUIRE(bytes > 0);
  const Model<Tiny> model(random_weights<Tiny>());
  REQUIRE(model.make_scratch().capacity() * sizeof(float) == bytes);
  Scratch too_small(bytes / sizeof(float) / 2);
  const auto x = random_tensor<Tiny::input>();
  Tensor<Tiny::output> y;
  REQUIRE_THROWS_AS(model.forward(x.view(), y.view(), too_small), Error);
}

TEST_CASE("The model object is small, its weights are elsewhere") { STATIC_REQUIRE(sizeof(Model<ResMlpS24>) <= 64); }

TEST_CASE("A batch gives the same bits as its images one by one, also through Eigen tensors") {
  const Model<Tiny> model(random_weights<Tiny>());
  Batch<Tiny::input> batch(5);
  Eigen::Tensor<float, 4, Eigen::RowMajor> eigen(5, 32, 32, 3);
  for (int image = 0; image < 5; ++image) {
    const auto x = random_tensor<Tiny::input>(static_cast<std::uint64_t>(image));
    std::copy(x.begin(), x.end(), batch[image].data());
  }
  std::copy_n(batch.data(), batch.size(), eigen.data());
  const auto y = model(batch);
  const auto z = model(eigen);
  REQUIRE(same(y, z));
  for (int image = 0; image < 5; ++image) {
    Tensor<Tiny::input> x;
    std::copy_n(batch[image].data(), x.size(), x.data());
    const auto alone = model(x);
    REQUIRE(std::equal(alone.begin(), alone.end(), y[image].data()));
    const Eigen::Tensor<float, 3, Eigen::RowMajor> one = eigen.chip<0>(image);
    REQUIRE(same(model(one), alone));
  }
}

TEST_CASE("An Eigen tensor of another size is an error that names both sizes") {
  const Model<Tiny> model(random_weights<Tiny>());
  const Eigen::Tensor<float, 3, Eigen::RowMajor> x(32, 31, 3);
  REQUIRE_THROWS_WITH(model(x), "Model: found an image of shape 32×31×3, expected 32×32×3");
}

TEST_CASE("Intermediate results have the names of the checkpoint's keys") {
  const Model<Tiny> model(random_weights<Tiny>());
  struct Names : Observer {
    std::string all;
    void see(std::string_view name, Shape shape, const float*) override {
      std::ostringstream out;
      out << name << ' ' << shape << '\n';
      all += out.str();
    }
  } names;
  const auto x = random_tensor<Tiny::input>();
  const auto observed = model.observe(x, names);
  REQUIRE(same(observed, model(x)));
  REQUIRE(names.all ==
          "stem 8×8×48\nblocks.0 8×8×48\nblocks.1 8×8×48\nblocks.2 8×8×48\nblocks 8×8×48\n"
          "norm 8×8×48\ntokens 8×8×48\nfeatures 1×1×48\n");
  REQUIRE_THROWS_WITH(model.intermediate(x, "blocks.3"),
                      Catch::Matchers::Contains("found no intermediate result \"blocks.3\", expected one of stem, blocks.0"));
}

TEST_CASE("Features are the mean of the normalised tokens, and the head of the features gives the logits") {
  const auto weights = random_weights<Tiny>();
  const Model<Tiny> model(weights);
  const auto x = random_tensor<Tiny::input>();
  const auto tokens = model.tokens(x);
  const auto features = model.features(x);
  REQUIRE(tokens.dimension(0) == 8);
  REQUIRE(features.dimension(0) == 48);
  const Eigen::Tensor<float, 1, Eigen::RowMajor> mean = tokens.mean(Eigen::array<int, 2>{0, 1});
  for (int c = 0; c < 48; ++c) REQUIRE(std::abs(mean(c) - features(c)) < 1e-5F);
  const auto& head = weights.layers().members().tail.tail.tail.tail.head;
  const auto logits = model(x);
  for (int k = 0; k < 10; ++k) {
    double sum = head.bias().data()[k];
    for (int c = 0; c < 48; ++c) sum += double{head.weight().data()[k * 48 + c]} * features(c);
    REQUIRE(std::abs(sum - logits[static_cast<std::size_t>(k)]) < 1e-5);
  }
}
