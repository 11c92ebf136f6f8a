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

TEST_CASE("EXIF data without an orientation leave it to XMP, as in Pillow") {
  CHECK(orientation_in("") == std::nullopt);
  CHECK(orientation_in(std::string_view("Exif\0\0", 6)) == std::nullopt);
  for (std::size_t size = 8; size < 22; ++size) CHECK(orientation_in(little().substr(0, size)) == std::nullopt);
  CHECK(orientation_in(changed(little(), 7, '\x7F')) == std::nullopt);        // directory far outside
  CHECK(orientation_in(changed(little(), 4, '\x19')) == std::nullopt);        // directory at the very end
  CHECK(orientation_in(changed(little(), 10, '\x13')) == std::nullopt);       // another tag
  CHECK(orientation_in(changed(little(), 14, '\x0B')) == std::nullopt);       // eleven values, which do not fit
  CHECK(orientation_in(changed(little(), 14, '\0')) == std::nullopt);         // no value
  CHECK(orientation_in(changed(little(), 12, '\x63')) == std::nullopt);       // a type that there is not
  const std::string many = changed(changed(little(), 8, '\xFF'), 9, '\xFF');  // 65535 entries announced
  CHECK(orientation_in(many) == 6);
  CHECK(orientation_in(changed(many, 10, '\x13')) == std::nullopt);
}

TEST_CASE("Data that are not EXIF leave the picture as stored, as in Pillow") {
  for (std::size_t size = 1; size < 8; ++size) CHECK(orientation_in(little().substr(0, size)) == 0);
  CHECK(orientation_in(changed(little(), 0, 'M')) == 0);
  CHECK(orientation_in(changed(little(), 2, '+')) == 0);  // BigTIFF
}

TEST_CASE("The head of EXIF data is passed over up to twice, and mistakes that Pillow forgives are forgiven") {
  const std::string head("Exif\0\0", 6);
  CHECK(orientation_in(head + little()) == 6);
  CHECK(orientation_in(head + head + big()) == 6);
  CHECK(orientation_in(head + head + head + big()) == 0);
  CHECK(orientation_in(changed(changed(little(), 2, '\0'), 3, '*')) == 6);
  CHECK(orientation_in(changed(little(), 14, '\x02')) == 6);  // two values, of which the first counts
}

TEST_CASE("The orientation may be of any type that holds a number") {
  const auto of_type = [](char type, std::string_view value) {
    std::string tiff = changed(little(), 12, type);
    if (value.size() <= 4) return orientation_in(tiff.replace(18, value.size(), value));
    return orientation_in(changed(tiff, 18, '\x1A') + std::string(value));
  };
  using namespace std::string_view_literals;
  for (const char type : {'\x03', '\x04', '\x08', '\x09', '\x0D'}) CHECK(of_type(type, "\x06\0\0\0"sv) == 6);
  CHECK(of_type('\x06', "\x07"sv) == 7);
  CHECK(of_type('\x08', "\xFA\xFF"sv) == 0);  // -6
  CHECK(of_type('\x0B', "\0\0\xC0\x40"sv) == 6);
  CHECK(of_type('\x0B', "\0\0\xD0\x40"sv) == 0);  // 6.5
  CHECK(of_type('\x0B', "\0\0\xC0\x7F"sv) == 0);  // not a number
  CHECK(of_type('\x05', "\x0C\0\0\0\x02\0\0\0"sv) == 6);
  CHECK(of_type('\x05', "\x0D\0\0\0\x02\0\0\0"sv) == 0);
  CHECK(of_type('\x05', "\x0C\0\0\0\0\0\0\0"sv) == 0);
  CHECK(of_type('\x0A', "\xF8\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv) == 8);
  CHECK(of_type('\x0C', "\0\0\0\0\0\0\x08\x40"sv) == 3);
  CHECK(of_type('\x10', "\x05\0\0\0\0\0\0\0"sv) == 5);
  for (const char type : {'\x01', '\x02', '\x07'}) CHECK(of_type(type, "\x06"sv) == 0);  // text
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
    Image image(2, 3);
    for (int i = 0; i < 6; ++i) image.pixel(i / 3, i % 3)[1] = static_cast<std::uint8_t>("abcdef"[i]);
    return image;
  }();
  const auto rows = [](const Image& image) {
    std::string text;
    for (int y = 0; y < image.height(); ++y) {
      for (int x = 0; x < image.width(); ++x) text += static_cast<char>(image.pixel(y, x)[1]);
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
