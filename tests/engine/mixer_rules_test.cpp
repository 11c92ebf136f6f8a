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

TEST_CASE("One or two levels of Strassen's algorithm, or none, equal the reference") {
  using Wide = Network<Shape{14, 14, 512}, Normed<FeedForward<1024>>>;
  constexpr Engine one{.strassen_levels = 1}, two{.strassen_levels = 2};
  REQUIRE(engine_error<Wide, one>() <= float_tolerance);
  REQUIRE(engine_error<Wide, two>() <= float_tolerance);
  REQUIRE(engine_error<Wide, exact_engine>() <= float_tolerance);
  // Each level needs more memory.
  constexpr std::size_t at_one = Model<Wide, one>::scratch_bytes(), at_two = Model<Wide, two>::scratch_bytes();
  STATIC_REQUIRE((at_one > Model<Wide, exact_engine>::scratch_bytes()) == (native_lanes > 1));
  STATIC_REQUIRE((at_two > at_one) == (native_lanes > 1));
}

TEST_CASE("From how many channels on Strassen's algorithm is used is a choice") {
  using Narrow = Network<Shape{14, 14, 256}, Normed<FeedForward<512>>>;
  constexpr Engine with{.strassen_from = 256}, without{.strassen_from = 257};
  REQUIRE(engine_error<Narrow, with>() <= float_tolerance);
  REQUIRE(engine_error<Narrow, without>() <= float_tolerance);
  STATIC_REQUIRE((Model<Narrow, with>::scratch_bytes() > Model<Narrow, without>::scratch_bytes()) == (native_lanes > 1));
}

TEST_CASE("Long sums stay near the exact result") {
  // 4096 terms of size one: in one chain they would be off by up to a thousand roundings.
  REQUIRE(engine_error<Network<Shape{1, 1, 4096}, Linear<8>>>() <= float_tolerance);
}

TEST_CASE("Small Mixers equal the reference") {
  REQUIRE(engine_error<MlpMixer<Shape{40, 40, 3}, 8, 24, 2, 12, 96, Gelu, 10>>() <= float_tolerance);
  REQUIRE(engine_error<MlpMixer<Shape{15, 35, 3}, 5, 37, 3, 13, 41, GeluTanh, 7>>() <= float_tolerance);
}
