// SPDX-License-Identifier: MIT
//
// Engine against reference for the patterns of ResMLP, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/layers/identity.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;

namespace {

template <int Hidden>
using Branch = Residual<Affine, FeedForward<Hidden>, LayerScale>;
using CrossPatch = Residual<Affine, AcrossTokens<Linear<>>, LayerScale>;

}  // namespace

TEST_CASE("Linear on the engine equals the reference, whatever the sizes") {
  check<Shape{1, 1, 1}, Linear<1>>();
  check<Shape{1, 7, 3}, Linear<5>>();
  check<Shape{3, 5, 17}, Linear<33>>();
  check<Shape{14, 14, 64}, Linear<100>>();
  check<Shape{1, 13, 100}, Linear<65>>();
}

TEST_CASE("The cross-patch sub-layer on the engine equals the reference") {
  check<Shape{1, 1, 1}, CrossPatch>();
  check<Shape{2, 3, 5}, CrossPatch>();
  check<Shape{4, 4, 24}, CrossPatch>();
  check<Shape{5, 7, 65}, CrossPatch>();
  check<Shape{14, 14, 128}, CrossPatch>();  // by Strassen's algorithm
  check<Shape{14, 14, 100}, CrossPatch>();
}

TEST_CASE("The feed-forward sub-layers on the engine equal the reference") {
  check<Shape{1, 1, 1}, Branch<1>>();
  check<Shape{3, 5, 17}, Branch<31>>();
  check<Shape{7, 7, 48}, Branch<192>>();
  check<Shape{20, 20, 24}, Branch<1000>>();
  check<Shape{3, 3, 20}, FeedForward<50>>();
  check<Shape{3, 3, 20}, FeedForward<50, GeluTanh>>();
  check<Shape{3, 3, 20}, FeedForward<50, Relu>>();
  check<Shape{3, 3, 20}, Residual<FeedForward<50>>>();
}

TEST_CASE("Large feed-forward sub-layers, by Strassen's algorithm in both products or in one, equal the reference") {
  check<Shape{12, 8, 384}, Branch<768>>();
  check<Shape{12, 8, 384}, Branch<896>>();
  check<Shape{12, 8, 896}, Branch<384>>();
}

TEST_CASE("The patch embedding on the engine equals the reference") {
  check<Shape{4, 6, 3}, PatchEmbed<2, 5>>();
  check<Shape{32, 32, 3}, PatchEmbed<4, 96>>();
  check<Shape{28, 14, 1}, PatchEmbed<7, 33>>();
}

TEST_CASE("The pooled head on the engine equals the reference") {
  check<Shape{3, 5, 7}, Affine, MeanPool, Linear<11>>();
  check<Shape{14, 14, 96}, Affine, MeanPool, Linear<100>>();
}

TEST_CASE("Layers where no network has them equal the reference, inside and outside residuals") {
  check<Shape{3, 5, 7}, Affine>();
  check<Shape{3, 5, 7}, MeanPool>();
  check<Shape{3, 5, 7}, Residual<Affine, Linear<>>>();
  check<Shape{3, 5, 7}, Residual<Affine, Residual<Linear<9>, Gelu, Linear<7>>, LayerScale>>();
  check<Shape{3, 5, 7}, AcrossTokens<FeedForward<4>>, Dropout, Repeat<3, Residual<StochasticDepth, Affine>>>();
}

TEST_CASE("Names change no result") {
  using Plain = Network<Shape{16, 16, 3}, PatchEmbed<4, 24>, Sequential<CrossPatch, Branch<96>>, Affine, MeanPool, Linear<10>>;
  using Names = ResMlp<Shape{16, 16, 3}, 4, 24, 1, 10>;
  STATIC_REQUIRE(Plain::parameter_count == Names::parameter_count);
  REQUIRE(engine_error<Plain>() <= float_tolerance);
  REQUIRE(engine_error<Names>() <= float_tolerance);
}
