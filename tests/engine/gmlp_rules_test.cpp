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

TEST_CASE("What no rule knows about these layers runs as its reference") {
  check<Shape{3, 5, 8}, AcrossTokens<FeedForward<4>>>();
  check<Shape{3, 5, 8}, GatedFeedForward<4>>();
  check<Shape{3, 5, 8}, SpatialGatedFeedForward<4>>();
  check<Shape{3, 5, 8}, Residual<GatedFeedForward<4>>>();
  check<Shape{3, 5, 8}, Silu, Gated<Relu>>();
  check<Shape{3, 5, 8}, Normed<Named<"a", Linear<>>, Named<"b", AcrossTokens<Linear<>>>>>();
}

TEST_CASE("Small gMLPs and gMixers equal the reference") {
  REQUIRE(engine_error<GMlp<Shape{15, 35, 3}, 5, 37, 2, 122, 10>>() <= float_tolerance);
  REQUIRE(engine_error<GMixer<Shape{15, 35, 3}, 5, 37, 2, 30, 134, 10>>() <= float_tolerance);
}
