// SPDX-License-Identifier: MIT
#include "tessera/train/warp.hpp"

#include "../catch.hpp"
#include "../vision/fixtures.hpp"

using tessera::Image;

TEST_CASE("A cut-out part has the pixels of its place, and a rim has its colour") {
  const Image image = fixtures::pattern("noise", 9, 7), part = tessera::crop(image, 2, 3, 4, 5);
  REQUIRE(part.height() == 4);
  REQUIRE(part.width() == 5);
  for (int y = 0; y < 4; ++y)
    for (int x = 0; x < 5; ++x) CHECK(std::ranges::equal(part.pixel(y, x), image.pixel(y + 2, x + 3)));
  const Image wide = tessera::with_rim(image, 2, {1, 2, 3});
  CHECK(wide.height() == 11);
  CHECK(tessera::crop(wide, 2, 2, 7, 9) == image);
  CHECK(std::ranges::equal(wide.pixel(0, 5), tessera::Rgb{1, 2, 3}));
  CHECK(std::ranges::equal(wide.pixel(10, 12), tessera::Rgb{1, 2, 3}));
  CHECK_THROWS_AS(tessera::crop(image, 0, 5, 7, 5), tessera::Error);
  CHECK_THROWS_AS(tessera::with_rim(image, -1, {0, 0, 0}), tessera::Error);
}

TEST_CASE("Maps that reach too far are refused") {
  const Image image = fixtures::pattern("noise", 9, 7);
  CHECK_THROWS_AS(tessera::transform_nearest(image, {1, 0, 40000, 0, 1, 0}, {0, 0, 0}), tessera::Error);
  CHECK_THROWS_AS(tessera::rotate_nearest(image, 90, {0, 0, 0}), tessera::Error);
  CHECK(tessera::rotate_nearest(image, 0, {0, 0, 0}) == image);
}
