// SPDX-License-Identifier: MIT
//
// Engine against reference for what follows a layer norm in every family, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/mlp_mixer.hpp"

using namespace tessera;

TEST_CASE("LayerNorm alone equals the reference") {
  check<Shape{1, 1, 1}, Named<"norm", LayerNorm<>>>();
  check<Shape{3, 5, 17}, Named<"norm", LayerNorm<1e-5>>>();
  check<Shape{2, 2, 131}, Named<"norm", LayerNorm<>>>();
  check<Shape{14, 14, 96}, Named<"norm", LayerNorm<>>>();
}

TEST_CASE("A feed-forward behind a layer norm equals the reference") {
  check<Shape{1, 1, 3}, Normed<FeedForward<1>>>();
  check<Shape{3, 5, 17}, Normed<FeedForward<31>>>();
  check<Shape{20, 20, 24}, Normed<FeedForward<1000>, LayerScale>>();
}

TEST_CASE("A feed-forward behind a layer norm takes any number of positions") {
  for (const int side : {1, 2, 7, 30}) check<Shape{Dynamic, Dynamic, 19}, Normed<FeedForward<40>>>({side, side + 1, 19});
}

TEST_CASE("The pooled head behind a layer norm equals the reference") {
  check<Shape{1, 1, 5}, Named<"norm", LayerNorm<>>, MeanPool, Linear<3>>();
  check<Shape{3, 5, 7}, Named<"norm", LayerNorm<>>, MeanPool, Linear<11>>();
  check<Shape{14, 14, 96}, Named<"norm", LayerNorm<1e-5>>, MeanPool, Linear<100>>();
}
