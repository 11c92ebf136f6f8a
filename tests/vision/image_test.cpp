// SPDX-License-Identifier: MIT
#include "tessera/vision/image.hpp"

#include <numeric>

#include "../catch.hpp"
#include "fixtures.hpp"

using tessera::Image;
using tessera::PixelOrder;

TEST_CASE("An image is built from raw pixels without a decoder") {
  std::vector<std::uint8_t> pixels(2 * 3 * 3);
  std::iota(pixels.begin(), pixels.end(), std::uint8_t{0});
  const Image image(pixels, 2, 3);
  CHECK(image.width() == 3);
  CHECK(image.height() == 2);
  CHECK(image.size() == 18);
  CHECK(image.pixel(1, 1)[2] == 14);
  CHECK(image.row(1) == image.data() + 9);
  CHECK(std::equal(pixels.begin(), pixels.end(), image.data()));
}

TEST_CASE("An image of a given size is black and can be drawn on") {
  Image image(2, 4);
  image.pixel(1, 3)[0] = 200;
  CHECK(image.data()[21] == 200);
  CHECK(std::accumulate(image.data(), image.data() + image.size(), 0) == 200);
  CHECK(image != Image(2, 4));
  CHECK(image != Image(4, 2));
}

TEST_CASE("An image refuses pixels that do not fit its size") {
  const std::vector<std::uint8_t> pixels(18);
  CHECK(fixtures::error_of([&] { Image(pixels, 3, 3); }) == "Image: found 18 values for 3×3 RGB pixels, expected 27");
  CHECK(fixtures::error_of([&] { Image(std::span(pixels).first(17), 2, 3); }) == "Image: found 17 values for 3×2 RGB pixels, expected 18");
}

TEST_CASE("An image refuses sizes that are not positive or too large, before allocating") {
  for (const auto& [width, height] :
       {std::pair{0, 5}, {5, 0}, {-1, 5}, {5, -7}, {65'501, 1}, {1, 65'501}, {65'500, 65'500}, {2147483647, 2147483647}}) {
    CAPTURE(width, height);
    CHECK(fixtures::error_of([w = width, h = height] { Image(h, w); }).find("expected sides from 1 to 65500") != std::string::npos);
    CHECK_THROWS_AS(Image({}, height, width), tessera::Error);
  }
}

TEST_CASE("An image is copied out of memory of any layout") {
  // Two rows of two pixels, blue first, with an alpha channel and two bytes between the rows.
  const std::vector<std::uint8_t> bgra{1, 2, 3, 255, 4, 5, 6, 0, 99, 99, 7, 8, 9, 255, 10, 11, 12, 128};
  const Image from_bgra = Image::from(bgra, 2, 2, 10, PixelOrder::bgra);
  CHECK(from_bgra == Image(std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}, 2, 2));
  CHECK(Image::from(bgra, 2, 2, 10, PixelOrder::rgba) == Image(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 2));

  const std::vector<std::uint8_t> six{1, 2, 3, 4, 5, 6};
  CHECK(Image::from(six, 1, 2, 6) == Image(six, 1, 2));
  CHECK(Image::from(six, 2, 1, 3, PixelOrder::bgr) == Image(std::vector<std::uint8_t>{3, 2, 1, 6, 5, 4}, 2, 1));
  CHECK(Image::from(six, 2, 2, 4, PixelOrder::grey) == Image(std::vector<std::uint8_t>{1, 1, 1, 2, 2, 2, 5, 5, 5, 6, 6, 6}, 2, 2));
}

TEST_CASE("Memory that does not hold the rows of an image is refused") {
  const std::vector<std::uint8_t> bytes(20);
  using fixtures::error_of;
  CHECK(error_of([&] { Image::from(bytes, 2, 4, 11); }) ==
        "Image::from: found a stride of 11 bytes, expected at least 12 for a row of 4 pixels");
  CHECK(error_of([&] { Image::from(bytes, 2, 3, 12); }) ==
        "Image::from: found 20 bytes, too few for 2 rows of 9 that begin 12 bytes apart");
  CHECK(error_of([&] { Image::from(bytes, 2, 2, 14); }) == "no error");
  CHECK(error_of([&] { Image::from(bytes, 3, 2, std::size_t{1} << 63, PixelOrder::grey); }).find("too few") != std::string::npos);
  CHECK(error_of([&] { Image::from(bytes, 1, 1, 3, static_cast<PixelOrder>(5)); }).find("pixel order number 5") != std::string::npos);
  CHECK(error_of([&] { Image::from(bytes, 0, 1, 3); }).starts_with("Image::from: found an image of 1×0 pixels"));
}
