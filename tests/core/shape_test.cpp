// SPDX-License-Identifier: MIT
#include "tessera/core/shape.hpp"

#include <sstream>

#include "catch.hpp"

using namespace tessera;

TEST_CASE("A shape counts its positions and its numbers") {
  constexpr Shape shape{14, 7, 384};
  STATIC_REQUIRE(shape.positions() == 98);
  STATIC_REQUIRE(shape.size() == 98 * 384);
  STATIC_REQUIRE(shape.fixed());
  STATIC_REQUIRE(!Shape{Dynamic, 7, 384}.fixed());
  STATIC_REQUIRE(!Shape{1, 1, Dynamic}.fixed());
}

TEST_CASE("A declared shape accepts the same shape, and anything positive where it is dynamic") {
  STATIC_REQUIRE(accepts(Shape{4, 5, 3}, Shape{4, 5, 3}));
  STATIC_REQUIRE(!accepts(Shape{4, 5, 3}, Shape{5, 4, 3}));
  STATIC_REQUIRE(accepts(Shape{Dynamic, Dynamic, 3}, Shape{201, 173, 3}));
  STATIC_REQUIRE(!accepts(Shape{Dynamic, Dynamic, 3}, Shape{201, 173, 4}));
  STATIC_REQUIRE(!accepts(Shape{Dynamic, Dynamic, 3}, Shape{0, 173, 3}));
  STATIC_REQUIRE(accepts(any_shape, Shape{201, 173, 4}));
  STATIC_REQUIRE(!accepts(any_shape, Shape{201, 173, 0}));
}

TEST_CASE("A shape prints as height × width × channels") {
  std::ostringstream out;
  out << Shape{2, 3, 4} << ' ' << Shape{Dynamic, 3, 4} << ' ' << any_shape;
  REQUIRE(out.str() == "2×3×4 ?×3×4 ?×?×?");
}
