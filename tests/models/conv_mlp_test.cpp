// SPDX-License-Identifier: MIT
#include "tessera/models/conv_mlp.hpp"

#include "catch.hpp"
#include "random.hpp"
#include "tessera/core/eigen_tensor.hpp"
#include "tessera/engine/pyramid.hpp"

using namespace tessera;

namespace {

using Sizes = ConvMlpSizes<16, 2, ConvMlpStage<1, 20, 40>, ConvMlpStage<2, 28, 84>, ConvMlpStage<1, 36, 72>>;
using Fixed = Sizes::Classifier<Shape{41, 59, 3}, 10>;
using AnySize = Sizes::Classifier<any_rgb, 10>;
using Backbone = Sizes::Backbone<any_rgb>;

template <class A, class B>
bool same(const A& a, const B& b) {
  return static_cast<std::size_t>(a.size()) == static_cast<std::size_t>(b.size()) && std::equal(a.data(), a.data() + a.size(), b.data());
}

template <class M>
concept KnowsItsScratch = requires { M::make_scratch(); };

}  // namespace

TEST_CASE("ConvMLP on the engine equals the reference at any size") {
  CHECK(engine_error<Fixed>() < float_tolerance);
  for (const Shape image : {Shape{32, 32, 3}, Shape{1, 1, 3}, Shape{17, 90, 3}, Shape{64, 48, 3}}) {
    CAPTURE(image.height, image.width);
    CHECK(engine_error<AnySize>(1, image) < float_tolerance);
    CHECK(engine_error<Backbone>(1, image) < float_tolerance);
  }
}

TEST_CASE("A model for any size gives the same bits as one for a fixed size") {
  const auto x = random_tensor<Fixed::input>();
  Tensor<AnySize::input> y(x.shape());
  std::copy(x.begin(), x.end(), y.begin());
  CHECK(same(Model<Fixed>(random_weights<Fixed>())(x), Model<AnySize>(random_weights<AnySize>())(y)));
}

TEST_CASE("ConvMLP has the keys of the authors' checkpoints") {
  Weights<Fixed> weights;
  std::vector<std::string> keys;
  for (const auto& parameter : weights.parameters()) keys.push_back(parameter.key);
  for (const char* key :
       {"tokenizer.block.0.weight", "tokenizer.block.1.running_mean", "tokenizer.block.6.weight", "tokenizer.block.7.bias",
        "conv_stages.conv_blocks.1.0.weight", "conv_stages.conv_blocks.0.7.running_var", "conv_stages.downsample.bias",
        "stages.0.blocks.0.norm1.weight", "stages.1.blocks.1.channel_mlp2.fc2.bias", "stages.2.blocks.0.connect.weight",
        "stages.0.blocks.0.connect_norm.bias", "stages.1.downsample_mlp.downsample.weight", "norm.bias", "head.weight"}) {
    CAPTURE(key);
    CHECK(std::count(keys.begin(), keys.end(), key) == 1);
  }
  CHECK(keys.size() == 115);
}

TEST_CASE("The feature pyramid has the maps that the authors' detectors use") {
  const auto weights = random_weights<Backbone>();
  const Model<Backbone> model(weights);
  const auto image = random_tensor<Backbone::input>(1, {41, 59, 3});
  const auto [f1, f2, f3, f4] = pyramid(model, image);
  CHECK(f1.shape() == Shape{11, 15, 16});
  CHECK(f2.shape() == Shape{6, 8, 20});
  CHECK(f3.shape() == Shape{3, 4, 28});
  CHECK(f4.shape() == Shape{2, 2, 36});
  CHECK(same(f4, model(image)));
  CHECK(same(f3, model.intermediate(image, "stages.0")));
}

TEST_CASE("A model for any size wants to know the size that memory is for") {
  using Any = Model<AnySize>;
  CHECK(Any::make_scratch({41, 59, 3}).capacity() == Model<Fixed>::make_scratch().capacity());
  CHECK_THROWS_WITH(Any::make_scratch(AnySize::input), "Model: found an image of shape ?×?×3, expected ?×?×3");
  STATIC_REQUIRE(KnowsItsScratch<Model<Fixed>>);
  STATIC_REQUIRE_FALSE(KnowsItsScratch<Any>);
}

TEST_CASE("An observer may run the model on a larger image meanwhile") {
  struct Inner : Observer {
    explicit Inner(const Model<AnySize>& m) : model(m) {}
    void see(std::string_view, Shape, const float*) override { last = model(random_tensor<AnySize::input>(2, {64, 60, 3})); }
    const Model<AnySize>& model;
    Tensor<AnySize::output> last{AnySize::output};
  };
  const Model<AnySize> model(random_weights<AnySize>());
  const auto x = random_tensor<AnySize::input>(1, {32, 32, 3});
  const auto want = model(x);
  Inner inner(model);
  CHECK(same(model.observe(x, inner), want));
  CHECK(same(inner.last, model(random_tensor<AnySize::input>(2, {64, 60, 3}))));
}
