// SPDX-License-Identifier: MIT
#include "tessera/vision/jpeg.hpp"

#include "../catch.hpp"
#include "fixtures.hpp"

// Broken files are in malformed_image_test.cpp.

TEST_CASE("JPEG files of every kind give the pixels that Pillow reads") {
  const auto files = fixtures::pictures_ending(".jpg");
  CHECK(files.size() >= 50);
  for (const auto& file : files) {
    CAPTURE(file.filename());
    CHECK(fixtures::compared(tessera::decode_jpeg(fixtures::bytes_of(file), file.string()), fixtures::pillow_pixels(file)) == "same");
  }
}

TEST_CASE("A JPEG file that is no JPEG file is refused by name") {
  CHECK(fixtures::error_of([] {
          tessera::decode_jpeg(fixtures::bytes_of(fixtures::vision_data() / "rgb_8.png"), "an upload");
        }).starts_with("an upload: the JPEG decoder found \"Not a JPEG file"));
  CHECK_THROWS_AS(tessera::decode_jpeg({}, "nothing"), tessera::Error);
}
