// SPDX-License-Identifier: MIT
//
// Engine against reference for the patterns of MLP-Mixer, gMLP and gMixer, on shapes that do not fit the register tiles.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/models/mlp_mixer.hpp"

using namespace tessera;

namespace {

template <Shape S, class... Layers>
void check() {
  for (const std::uint64_t seed : {1U, 2U, 3U}) REQUIRE(engine_error<Network<S, Layers...>>(seed) <= float_tolerance);
}

template <class... Layers>
using Normed = Residual<Named<"norm", LayerNorm<>>, Layers...>;

}  // namespace

TEST_CASE("LayerNorm alone equals the reference") {
  check<Shape{1, 1, 1}, Named<"norm", LayerNorm<>>>();
  check<Shape{3, 5, 17}, Named<"norm", LayerNorm<1e-5>>>();
  check<Shape{2, 2, 131}, Named<"norm", LayerNorm<>>>();
  check<Shape{14, 14, 96}, Named<"norm", LayerNorm<>>>();
}

TEST_CASE("Token mixing behind a layer norm equals the reference") {
  check<Shape{1, 1, 3}, Normed<AcrossTokens<FeedForward<1>>>>();
  check<Shape{2, 3, 5}, Normed<AcrossTokens<FeedForward<4>>>>();
  check<Shape{5, 7, 65}, Normed<AcrossTokens<FeedForward<31, GeluTanh>>>>();
  check<Shape{14, 14, 100}, Normed<AcrossTokens<FeedForward<50>>>>();
  check<Shape{5, 5, 12}, Normed<AcrossTokens<FeedForward<9, Relu>>, LayerScale>>();
  check<Shape{5, 5, 12}, Normed<AcrossTokens<GatedFeedForward<10>>>>();
  check<Shape{7, 7, 77}, Normed<AcrossTokens<GatedFeedForward<62>>, LayerScale>>();
}

TEST_CASE("A feed-forward behind a layer norm equals the reference") {
  check<Shape{1, 1, 3}, Normed<FeedForward<1>>>();
  check<Shape{3, 5, 17}, Normed<FeedForward<31>>>();
  check<Shape{20, 20, 24}, Normed<FeedForward<1000>, LayerScale>>();
  check<Shape{3, 5, 17}, Normed<GatedFeedForward<2>>>();
  check<Shape{20, 20, 24}, Normed<GatedFeedForward<1002>, LayerScale>>();
}

TEST_CASE("A feed-forward behind a layer norm takes any number of positions") {
  using N = Network<Shape{Dynamic, Dynamic, 19}, Normed<FeedForward<40>>>;
  for (const int side : {1, 2, 7, 30}) REQUIRE(engine_error<N>(1, {side, side + 1, 19}) <= float_tolerance);
}

TEST_CASE("gMLP's block equals the reference") {
  check<Shape{1, 1, 3}, Normed<SpatialGatedFeedForward<2>>>();
  check<Shape{3, 5, 17}, Normed<SpatialGatedFeedForward<30>>>();
  check<Shape{14, 14, 40}, Normed<SpatialGatedFeedForward<240>>>();
  check<Shape{30, 30, 8}, Normed<SpatialGatedFeedForward<1400, Relu>>>();
}

TEST_CASE("The pooled head behind a layer norm equals the reference") {
  check<Shape{1, 1, 5}, Named<"norm", LayerNorm<>>, MeanPool, Linear<3>>();
  check<Shape{3, 5, 7}, Named<"norm", LayerNorm<>>, MeanPool, Linear<11>>();
  check<Shape{14, 14, 96}, Named<"norm", LayerNorm<1e-5>>, MeanPool, Linear<100>>();
}

TEST_CASE("What no rule knows about these layers runs as its reference") {
  check<Shape{3, 5, 8}, AcrossTokens<FeedForward<4>>>();
  check<Shape{3, 5, 8}, GatedFeedForward<4>>();
  check<Shape{3, 5, 8}, SpatialGatedFeedForward<4>>();
  check<Shape{3, 5, 8}, Residual<GatedFeedForward<4>>>();
  check<Shape{3, 5, 8}, Silu, Gated<Relu>>();
  check<Shape{3, 5, 8}, Normed<Named<"a", Linear<>>, Named<"b", AcrossTokens<Linear<>>>>>();
}

TEST_CASE("Long sums stay near the exact result") {
  // 4096 terms of size one: in one chain they would be off by up to a thousand roundings.
  REQUIRE(engine_error<Network<Shape{1, 1, 4096}, Linear<8>>>() <= float_tolerance);
}

TEST_CASE("Small networks of these families equal the reference") {
  REQUIRE(engine_error<MlpMixer<Shape{40, 40, 3}, 8, 24, 2, 12, 96, Gelu, 10>>() <= float_tolerance);
  REQUIRE(engine_error<MlpMixer<Shape{15, 35, 3}, 5, 37, 3, 13, 41, GeluTanh, 7>>() <= float_tolerance);
  REQUIRE(engine_error<GMlp<Shape{15, 35, 3}, 5, 37, 2, 122, 10>>() <= float_tolerance);
  REQUIRE(engine_error<GMixer<Shape{15, 35, 3}, 5, 37, 2, 30, 134, 10>>() <= float_tolerance);
}
