// SPDX-License-Identifier: MIT
#include "tessera/vision/png.hpp"

#include "../catch.hpp"
#include "fixtures.hpp"

// Broken files are in malformed_image_test.cpp.

TEST_CASE("PNG files of every kind give the pixels that Pillow reads") {
  const auto files = fixtures::pictures_ending(".png");
  CHECK(files.size() >= 45);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    CHECK(fixtures::compared(tessera::decode_png(fixtures::bytes_of(file), file.string()), fixtures::pillow_pixels(file)) == "same");
  }
}

TEST_CASE("A PNG file that is no PNG file is refused by name") {
  CHECK(fixtures::error_of([] {
          tessera::decode_png(fixtures::bytes_of(fixtures::vision_data() / "grey.jpg"), "an upload");
        }).starts_with("an upload: the PNG decoder found \"Not a PNG file"));
  CHECK_THROWS_AS(tessera::decode_png({}, "nothing"), tessera::Error);
}

TEST_CASE("16-bit grey keeps its high byte") {
  const auto image = tessera::decode_png(fixtures::bytes_of(fixtures::vision_data() / "grey_16.png"), "grey");
  int brightest = 0, below = 0;
  for (const std::uint8_t value : std::span(image.data(), image.size())) {
    brightest = std::max<int>(brightest, value);
    below += value < 128;
  }
  CHECK(brightest > 200);
  CHECK(below > 100);  // Pillow would have clipped all of them to 255
}
