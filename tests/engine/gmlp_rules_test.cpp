// SPDX-License-Identifier: MIT
//
// Engine against reference for the patterns of gMLP and gMixer, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/gmlp.hpp"

using namespace tessera;

TEST_CASE("Gated token and channel mixing behind a layer norm equal the reference") {
  check<Shape{5, 5, 12}, Normed<AcrossTokens<GatedFeedForward<10>>>>();
  check<Shape{7, 7, 77}, Normed<AcrossTokens<GatedFeedForward<62>>, LayerScale>>();
  check<Shape{3, 5, 17}, Normed<GatedFeedForward<2>>>();
  check<Shape{20, 20, 24}, Normed<GatedFeedForward<1002>, LayerScale>>();
  check<Shape{12, 8, 384}, Normed<GatedFeedForward<1536>>>();  // by Strassen's algorithm
}

TEST_CASE("gMLP's block equals the reference") {
  check<Shape{1, 1, 3}, Normed<SpatialGatedFeedForward<2>>>();
  check<Shape{3, 5, 17}, Normed<SpatialGatedFeedForward<30>>>();
  check<Shape{14, 14, 40}, Normed<SpatialGatedFeedForward<240>>>();
  check<Shape{30, 30, 8}, Normed<SpatialGatedFeedForward<1400, Relu>>>();
}

TEST_CASE("A gate equals the reference") {
  check<Shape{3, 5, 8}, Gated<Relu>>();
  check<Shape{3, 5, 2}, Gated<Silu>>();
  check<Shape{3, 5, 74}, Named<"g", Gated<Gelu>>>();
  check<Shape{3, 5, 74}, Gated<Named<"n", LayerNorm<>>, Named<"l", Linear<>>>>();
  check<Shape{6, 5, 28}, Gated<Gated<Relu>, Named<"l", Linear<14>>>, Named<"head", Linear<3>>>();
}

TEST_CASE("Gated feed-forwards that no neighbour takes in equal the reference") {
  check<Shape{3, 5, 8}, GatedFeedForward<4>>();
  check<Shape{7, 5, 19}, Named<"f", GatedFeedForward<50, Relu>>>();
  check<Shape{3, 5, 8}, Residual<GatedFeedForward<4>>>();
  check<Shape{3, 5, 8}, SpatialGatedFeedForward<4>>();
}

TEST_CASE("What is inside of a gate can be asked for") {
  using N = Network<Shape{3, 5, 8}, Named<"gate", Gated<Named<"norm", LayerNorm<>>, Named<"proj", Linear<>>>>>;
  CHECK(Model<N>::intermediates() == std::vector<std::string>{"gate.norm", "gate.proj", "gate"});
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  Tensor<Shape{3, 5, 4}> half;
  for (std::size_t i = 0; i < half.size(); ++i) half[i] = x[i / 4 * 8 + 4 + i % 4];
  Weights<Network<Shape{3, 5, 4}, Named<"norm", LayerNorm<>>>> norm;
  norm.allocate();
  for (const char* const key : {"norm.weight", "norm.bias"}) std::ranges::copy(weights[std::string("gate.") + key], norm[key].begin());
  const auto want = norm(half);
  const auto got = Model<N>(weights).intermediate(x, "gate.norm");
  for (std::size_t i = 0; i < half.size(); ++i) CHECK(std::abs(want[i] - got[i]) < float_tolerance);
}

TEST_CASE("Other orders of these layers equal the reference") {
  check<Shape{3, 5, 8}, Silu, Gated<Relu>>();
  check<Shape{3, 5, 8}, Normed<Named<"a", Linear<>>, Named<"b", AcrossTokens<Linear<>>>>>();
}

TEST_CASE("Small gMLPs and gMixers equal the reference") {
  REQUIRE(engine_error<GMlp<Shape{15, 35, 3}, 5, 37, 2, 122, 10>>() <= float_tolerance);
  REQUIRE(engine_error<GMixer<Shape{15, 35, 3}, 5, 37, 2, 30, 134, 10>>() <= float_tolerance);
}
