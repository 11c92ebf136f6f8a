// SPDX-License-Identifier: MIT
#include "tessera/vision/image.hpp"

#include <numeric>

#include "../catch.hpp"
#include "fixtures.hpp"

using tessera::Image;

TEST_CASE("An image is built from raw pixels without a decoder") {
  std::vector<std::uint8_t> pixels(2 * 3 * 3);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  const Image image(pixels, 3, 2);
  CHECK(image.width() == 3);
  CHECK(image.height() == 2);
  CHECK(image.size() == 18);
  CHECK(image.pixel(1, 1)[2] == 14);
  CHECK(image.row(1) == image.data() + 9);
  CHECK(std::equal(pixels.begin(), pixels.end(), image.data()));
}

TEST_CASE("An image of a given size is black and can be drawn on") {
  Image image(4, 2);
  image.pixel(3, 1)[0] = 200;
  CHECK(image.data()[21] == 200);
  CHECK(std::accumulate(image.data(), image.data() + image.size(), 0) == 200);
  CHECK(image != Image(4, 2));
  CHECK(image != Image(2, 4));
}

TEST_CASE("An image refuses pixels that do not fit its size") {
  const std::vector<std::uint8_t> pixels(18);
  CHECK(fixtures::error_of([&] { Image(pixels, 3, 3); }) == "Image: found 18 values for 3×3 RGB pixels, expected 27");
  CHECK(fixtures::error_of([&] { Image(std::span(pixels).first(17), 3, 2); }) == "Image: found 17 values for 3×2 RGB pixels, expected 18");
}

TEST_CASE("An image refuses sizes that are not positive or too large, before allocating") {
  for (const auto& [width, height] :
       {std::pair{0, 5}, {5, 0}, {-1, 5}, {5, -7}, {65'501, 1}, {1, 65'501}, {65'500, 65'500}, {2147483647, 2147483647}}) {
    CAPTURE(width, height);
    CHECK(fixtures::error_of([w = width, h = height] { Image(w, h); }).find("expected sides from 1 to 65500") != std::string::npos);
    CHECK_THROWS_AS(Image({}, width, height), tessera::Error);
  }
}
