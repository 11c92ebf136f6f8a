// SPDX-License-Identifier: MIT
#include "tessera/layers/weights.hpp"

#include <algorithm>
#include <array>

#include "catch.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

namespace {
using Small = ResMlp<Shape{8, 8, 3}, 4, 6, 2, 5>;
using SharedMlp = Spach<Shape{16, 16, 3}, 4, 8, SpachOptions{.shared_spatial_func = true}, 5, SpachMlp<2>>;
}  // namespace

TEST_CASE("Weights allocate zeros, and are written and read by key") {
  Weights<Small> weights;
  weights.allocate();
  REQUIRE(weights["blocks.1.norm1.alpha"].size() == 6);
  for (const auto& [key, parameter] : weights.parameters())
    for (const float value : weights[key]) REQUIRE(value == 0.0F);
  std::ranges::fill(weights["head.bias"], 3.0F);
  const Weights<Small>& fixed = weights;
  REQUIRE(fixed["head.bias"][4] == 3.0F);
  REQUIRE(weights(Tensor<Small::input>())[4] == 3.0F);
  REQUIRE(fixed.parameters().size() == weights.parameters().size());
  const Weights<Small> moved = std::move(weights);
  REQUIRE(moved["head.bias"][4] == 3.0F);
}

TEST_CASE("Allocation leaves values that are there") {
  Weights<Small> weights;
  const std::array<float, 5> bias{1, 2, 3, 4, 5};
  for (const auto& [key, parameter] : weights.parameters())
    if (key == "head.bias") parameter->bind(bias.data());
  weights.allocate();
  const Weights<Small>& fixed = weights;
  REQUIRE(fixed["head.bias"].data() == bias.data());
  weights["head.bias"][0] = 9;  // a copy: the other object's values stay
  REQUIRE(bias[0] == 1);
  REQUIRE(fixed["head.bias"][0] == 9);
  REQUIRE(fixed["head.bias"][4] == 5);
}

TEST_CASE("A key that is not there is answered with the nearest ones") {
  Weights<Small> weights;
  weights.allocate();
  REQUIRE_THROWS_WITH(weights["head.bais"], "Weights: found no parameter \"head.bais\", did you mean \"head.bias\"?");
}

TEST_CASE("Values that are not there are an error that names the parameter") {
  Weights<Small> weights;
  const std::string message =
      "Weights: found no values for parameter \"stem.proj.weight\", expected them from a checkpoint, allocate() or bind()";
  REQUIRE_THROWS_WITH(weights(Tensor<Small::input>()), message);
  REQUIRE_THROWS_WITH(weights["stem.proj.weight"], message);
  REQUIRE_THROWS_WITH(weights.check_bound(), message);
  REQUIRE_THROWS_WITH(Model<Small>(weights), message);
}

TEST_CASE("A shared weight is one, under each of its keys") {
  Weights<SharedMlp> weights;
  weights.allocate();
  const std::string tail = ".spatial_func.fc1.bias";
  weights["blocks.0" + tail][0] = 7;
  REQUIRE(weights["blocks.1" + tail][0] == 7);
  REQUIRE(weights["blocks.1" + tail].data() == weights["blocks.0" + tail].data());
}

TEST_CASE("Layers are found by their names") {
  Weights<Small> weights;
  weights.allocate();
  std::ranges::fill(weights["blocks.1.norm1.alpha"], 2.0F);
  STATIC_REQUIRE(decltype(weights.layer<"head">())::output == Shape{1, 1, 5});
  REQUIRE(weights.layer<"blocks.1.norm1">().alpha().data()[5] == 2.0F);
  REQUIRE(weights.layer<"blocks.0.norm1">().alpha().data()[5] == 0.0F);
  REQUIRE(weights.layer<"blocks.0.linear_tokens">().member().weight().extent(0) == 4);
  REQUIRE(weights.layer<"blocks.0.mlp_channels.fc1">().weight().extent(0) == 24);
  REQUIRE(weights.layer<"blocks.0.mlp_channels">().fc2().weight().extent(0) == 6);

  Weights<SharedMlp> shared;
  shared.allocate();
  shared["blocks.0.spatial_func.fc1.bias"][0] = 7;
  REQUIRE(shared.layer<"blocks.1.spatial_func.fc1">().bias().data()[0] == 7);
  REQUIRE(shared.layer<"blocks.1.gamma_1">().gamma().leading_axes() == 2);
}

TEST_CASE("The number of classes can be set until there are values") {
  Weights<Small> weights;
  REQUIRE(weights.classes() == 5);
  weights.set_classes(37);
  REQUIRE(weights.classes() == 37);
  weights.allocate();
  REQUIRE(weights["head.weight"].size() == 37 * 6);
  REQUIRE(weights["head.bias"].size() == 37);
  weights.set_classes(37);
  REQUIRE_THROWS_WITH(weights.set_classes(5), "Weights: found a head with values, expected the number of classes to be set before");
  REQUIRE_THROWS_WITH(weights.set_classes(0), "Weights: found 0 classes, expected 1 or more");
  REQUIRE_THROWS_WITH(weights(Tensor<Small::input>()), "Weights: found 37 classes, expected 5");
  REQUIRE_THROWS_WITH(Model<Small>(weights), "Weights: found 37 classes, expected 5");
}

TEST_CASE("A parameter knows the axes that a checkpoint has in front of its extents") {
  const Weights<Small> weights;
  for (const auto& [key, parameter] : weights.parameters()) {
    CAPTURE(key);
    const bool of_affine = key.ends_with(".alpha") || key.ends_with(".beta");
    CHECK(parameter->leading_axes() == (of_affine ? 2 : 0));
  }
}
