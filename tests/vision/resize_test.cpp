// SPDX-License-Identifier: MIT
#include "tessera/vision/resize.hpp"

#include "../catch.hpp"
#include "fixtures.hpp"

using tessera::Filter;
using tessera::Image;
using tessera::PillowRule;

TEST_CASE("Resizing gives the very bytes that each Pillow gives, for every filter, smaller and larger") {
  for (const auto& [file, rule] : {std::pair{"resize_hashes_v13.txt", PillowRule::v13},
                                   {"resize_hashes_v12.txt", PillowRule::v12},
                                   {"resize_hashes_v11.txt", PillowRule::v11}}) {
    std::ifstream lines(fixtures::vision_data() / file);
    std::string kind, filter, hash;
    int in_width = 0, in_height = 0, out_width = 0, out_height = 0, count = 0;
    while (lines >> kind >> in_width >> in_height >> out_width >> out_height >> filter >> hash) {
      CAPTURE(file, kind, in_width, in_height, out_width, out_height, filter);
      const Image image = fixtures::pattern(kind, in_width, in_height);
      CHECK(fixtures::hash_of(tessera::resize(image, out_height, out_width, fixtures::filter_named(filter), rule)) == hash);
      ++count;
    }
    CHECK(count >= 700);
  }
}

TEST_CASE("Pillow 13's order of passes is the default") {
  const Image image = fixtures::pattern("noise", 54, 120);
  const Image resized = tessera::resize(image, 62, 28, Filter::bicubic);
  CHECK(resized == tessera::resize(image, 62, 28, Filter::bicubic, PillowRule::v13));
  CHECK(resized != tessera::resize(image, 62, 28, Filter::bicubic, PillowRule::v12));
  CHECK_THROWS_AS(tessera::resize(image, 62, 28, Filter::bicubic, static_cast<PillowRule>(3)), tessera::Error);
}

TEST_CASE("A part of a resized picture equals that part of the whole") {
  const Image image = fixtures::pattern("noise", 61, 47);
  for (const auto& [width, height] : {std::pair{23, 19}, {61, 19}, {23, 47}, {61, 47}, {130, 99}, {61, 99}, {130, 20}, {55, 20}}) {
    for (const Filter filter : {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos}) {
      const Image whole = tessera::resize(image, height, width, filter);
      const Image part = tessera::detail::resize_window(image, height, width, {3, 5, 11, 17}, filter, PillowRule::v13);
      CAPTURE(width, height, static_cast<int>(filter));
      REQUIRE(part.width() == 17);
      REQUIRE(part.height() == 11);
      int wrong = 0;
      for (int y = 0; y < 11; ++y)
        for (int x = 0; x < 17; ++x) wrong += !std::ranges::equal(part.pixel(y, x), whole.pixel(y + 3, x + 5));
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("Resizing to the same size changes nothing") {
  const Image image = fixtures::pattern("extremes", 9, 14);
  for (const Filter filter : {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos})
    CHECK(tessera::resize(image, 14, 9, filter) == image);
}

TEST_CASE("A picture of one colour keeps it at any size") {
  Image image(17, 31);
  for (int i = 0; i < 31 * 17; ++i) std::ranges::copy(std::array<std::uint8_t, 3>{7, 130, 251}, image.pixel(i / 31, i % 31).begin());
  for (const Filter filter : {Filter::box, Filter::bilinear, Filter::bicubic, Filter::lanczos}) {
    const Image resized = tessera::resize(image, 5, 50, filter);
    for (int i = 0; i < 250; ++i) REQUIRE(std::ranges::equal(resized.pixel(i / 50, i % 50), image.pixel(0, 0)));
  }
}

TEST_CASE("Resizing refuses sizes that are not positive or too large") {
  const Image image(3, 3);
  for (const auto& [width, height] : {std::pair{0, 3}, {3, 0}, {-2, 3}, {65'501, 3}, {65'500, 65'500}}) {
    CAPTURE(width, height);
    CHECK(fixtures::error_of([&, w = width, h = height] {
            tessera::resize(image, h, w, Filter::box);
          }).starts_with("resize: found an image of "));
  }
  CHECK_THROWS_AS(tessera::resize(image, 5, 5, static_cast<Filter>(9)), tessera::Error);
}
