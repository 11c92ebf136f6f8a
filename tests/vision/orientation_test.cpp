// SPDX-License-Identifier: MIT
#include "tessera/vision/orientation.hpp"

#include "../catch.hpp"
#include "fixtures.hpp"

using tessera::Image;
using tessera::detail::exif_orientation;
using tessera::detail::upright;
using tessera::detail::xmp_orientation;

namespace {

std::optional<int> orientation_in(std::string_view tiff) { return exif_orientation(std::as_bytes(std::span(tiff))); }

// A TIFF structure whose only tag is: orientation, SHORT, one value, 6.
std::string little() { return {"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26}; }
std::string big() { return {"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0", 26}; }

std::string changed(std::string text, std::size_t at, char value) {
  text[at] = value;
  return text;
}

}  // namespace

TEST_CASE("The orientation tag is read in both byte orders") {
  CHECK(orientation_in(little()) == 6);
  CHECK(orientation_in(big()) == 6);
}

TEST_CASE("Malformed EXIF data have no orientation") {
  for (std::size_t size = 0; size < 22; ++size) CHECK(orientation_in(little().substr(0, size)) == std::nullopt);
  CHECK(orientation_in(changed(little(), 0, 'M')) == std::nullopt);
  CHECK(orientation_in(changed(little(), 2, '+')) == std::nullopt);      // not 42
  CHECK(orientation_in(changed(little(), 7, '\x7F')) == std::nullopt);   // directory far outside
  CHECK(orientation_in(changed(little(), 4, '\x19')) == std::nullopt);   // directory at the very end
  CHECK(orientation_in(changed(little(), 10, '\x13')) == std::nullopt);  // another tag
  CHECK(orientation_in(changed(little(), 12, '\x02')) == std::nullopt);  // text
  CHECK(orientation_in(changed(little(), 14, '\x05')) == std::nullopt);  // five values
  std::string many = changed(changed(little(), 8, '\xFF'), 9, '\xFF');   // 65535 entries announced
  CHECK(orientation_in(many) == 6);
  CHECK(orientation_in(changed(many, 10, '\x13')) == std::nullopt);
}

TEST_CASE("An orientation out of range is read as none of the eight") {
  CHECK(orientation_in(changed(little(), 18, '\x09')) == 0);
  CHECK(orientation_in(changed(little(), 18, '\x00')) == 0);
}

TEST_CASE("The orientation is found in XMP attributes and elements") {
  CHECK(xmp_orientation("<a tiff:Orientation=\"8\"/>") == 8);
  CHECK(xmp_orientation("<tiff:Orientation>3</tiff:Orientation>") == 3);
  CHECK(xmp_orientation("tiff:Orientation tiff:Orientation=\"x\" tiff:Orientation>7<") == 7);
  CHECK(xmp_orientation("tiff:Orientation") == std::nullopt);
  CHECK(xmp_orientation("tiff:Orientation=\"") == std::nullopt);
  CHECK(xmp_orientation("") == std::nullopt);
}

TEST_CASE("Each orientation puts the corners where the camera saw them") {
  // Stored:  a b c
  //          d e f
  const auto stored = [] {
    Image image(3, 2);
    for (int i = 0; i < 6; ++i) image.pixel(i % 3, i / 3)[1] = static_cast<std::uint8_t>("abcdef"[i]);
    return image;
  }();
  const auto rows = [](const Image& image) {
    std::string text;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) text += static_cast<char>(image.pixel(x, y)[1]);
      text += '|';
    }
    return text;
  };
  CHECK(rows(upright(stored, 1)) == "abc|def|");
  CHECK(rows(upright(stored, 2)) == "cba|fed|");
  CHECK(rows(upright(stored, 3)) == "fed|cba|");
  CHECK(rows(upright(stored, 4)) == "def|abc|");
  CHECK(rows(upright(stored, 5)) == "ad|be|cf|");
  CHECK(rows(upright(stored, 6)) == "da|eb|fc|");
  CHECK(rows(upright(stored, 7)) == "fc|eb|da|");
  CHECK(rows(upright(stored, 8)) == "cf|be|ad|");
  CHECK(rows(upright(stored, 0)) == "abc|def|");
  CHECK(rows(upright(stored, 9)) == "abc|def|");
}
