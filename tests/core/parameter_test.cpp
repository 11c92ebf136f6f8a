// SPDX-License-Identifier: MIT
#include "tessera/core/parameter.hpp"

#include "catch.hpp"

using namespace tessera;

TEST_CASE("A parameter knows its extents at compile time") {
  constexpr Parameter weight{1536, 384};
  STATIC_REQUIRE(weight.rank() == 2);
  STATIC_REQUIRE(weight.extent(1) == 384);
  STATIC_REQUIRE(weight.size() == 1536 * 384);
  STATIC_REQUIRE(weight.data() == nullptr);
  STATIC_REQUIRE(weight.learnable());
  STATIC_REQUIRE(!Parameter::statistic(8).learnable());
}

TEST_CASE("A key joins its segments with dots and leaves empty ones out") {
  const Key weight("weight"), fc1("fc1", weight), block(3, fc1), blocks("blocks", block);
  REQUIRE(blocks.str() == "blocks.3.fc1.weight");
  const Key empty(""), scale("ls1", empty);
  REQUIRE(scale.str() == "ls1");
}
