// SPDX-License-Identifier: MIT
//
// Engine against reference for self-attention, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

TEST_CASE("Attention behind a layer norm equals the reference") {
  check<Shape{1, 1, 2}, Normed<Attention<1>>>();
  check<Shape{3, 5, 24}, Normed<Attention<3>, LayerScale>>();
  check<Shape{7, 7, 66}, Normed<Attention<2, Bias::none>>>();
  check<Shape{11, 13, 40}, Normed<Attention<5>, LayerScale>>();
  check<Shape{9, 8, 200}, Normed<Attention<1>>>();
  check<Shape{28, 28, 12}, Normed<Attention<2>>>();
  check<Shape{12, 8, 384}, Normed<Attention<4>, LayerScale>>();  // by Strassen's algorithm
}

TEST_CASE("Attention takes any number of positions") {
  using N = Network<Shape{Dynamic, Dynamic, 20}, Normed<Attention<4>>>;
  for (const int side : {1, 4, 9, 16}) REQUIRE(engine_error<N>(1, {side, side + 1, 20}) <= float_tolerance);
}
