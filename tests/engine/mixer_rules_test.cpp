// SPDX-License-Identifier: MIT
//
// Engine against reference for the patterns of MLP-Mixer, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/mlp_mixer.hpp"

using namespace tessera;

TEST_CASE("Token mixing behind a layer norm equals the reference") {
  check<Shape{1, 1, 3}, Normed<AcrossTokens<FeedForward<1>>>>();
  check<Shape{2, 3, 5}, Normed<AcrossTokens<FeedForward<4>>>>();
  check<Shape{5, 7, 65}, Normed<AcrossTokens<FeedForward<31, GeluTanh>>>>();
  check<Shape{14, 14, 100}, Normed<AcrossTokens<FeedForward<50>>>>();
  check<Shape{14, 14, 128}, Normed<AcrossTokens<FeedForward<200>>>>();  // by Strassen's algorithm
  check<Shape{5, 5, 12}, Normed<AcrossTokens<FeedForward<9, Relu>>, LayerScale>>();
}

TEST_CASE("Long sums stay near the exact result") {
  // 4096 terms of size one: in one chain they would be off by up to a thousand roundings.
  REQUIRE(engine_error<Network<Shape{1, 1, 4096}, Linear<8>>>() <= float_tolerance);
}

TEST_CASE("Small Mixers equal the reference") {
  REQUIRE(engine_error<MlpMixer<Shape{40, 40, 3}, 8, 24, 2, 12, 96, Gelu, 10>>() <= float_tolerance);
  REQUIRE(engine_error<MlpMixer<Shape{15, 35, 3}, 5, 37, 3, 13, 41, GeluTanh, 7>>() <= float_tolerance);
}
