// SPDX-License-Identifier: MIT
#include "tessera/train/photometric.hpp"

#include "../catch.hpp"
#include "../vision/fixtures.hpp"
#include "tessera/train/warp.hpp"

using tessera::Image;

namespace {

constexpr tessera::Rgb green{10, 200, 90};

Image changed(const std::string& name, double argument, const Image& image) {
  const int whole = static_cast<int>(argument);
  const std::map<std::string, std::function<Image()>> operations{
      {"brightness", [&] { return tessera::with_brightness(image, argument); }},
      {"contrast", [&] { return tessera::with_contrast(image, argument); }},
      {"colour", [&] { return tessera::with_colour(image, argument); }},
      {"sharpness", [&] { return tessera::with_sharpness(image, argument); }},
      {"hue", [&] { return tessera::with_hue(image, argument); }},
      {"autocontrast", [&] { return tessera::autocontrast(image); }},
      {"equalize", [&] { return tessera::equalize(image); }},
      {"posterize", [&] { return tessera::posterize(image, whole); }},
      {"solarize", [&] { return tessera::solarize(image, whole); }},
      {"rotate", [&] { return tessera::rotate_nearest(image, argument, green); }},
      {"shear_x", [&] { return tessera::shear_x(image, argument, green); }},
      {"shear_y", [&] { return tessera::shear_y(image, argument, green); }},
      {"translate_x", [&] { return tessera::translate_x(image, whole, green); }},
      {"translate_y", [&] { return tessera::translate_y(image, whole, green); }},
      {"mirror", [&] { return tessera::mirrored(image); }}};
  return operations.at(name)();
}

}  // namespace

TEST_CASE("Changes of colours and places give the very bytes that Pillow gives") {
  std::ifstream lines(fixtures::vision_data() / "augment_hashes.txt");
  std::string name, kind, hash;
  double argument = 0;
  int width = 0, height = 0, count = 0;
  while (lines >> name >> argument >> kind >> width >> height >> hash) {
    CAPTURE(name, argument, kind, width, height);
    CHECK(fixtures::hash_of(changed(name, argument, fixtures::pattern(kind, width, height))) == hash);
    ++count;
  }
  CHECK(count == 400);
}

TEST_CASE("Changes of colours refuse what has no meaning") {
  const Image image(2, 2);
  CHECK_THROWS_WITH(tessera::posterize(image, 9), "posterize: found 9 bits, expected 0 to 8");
  CHECK_THROWS_WITH(tessera::with_hue(image, 0.6), "with_hue: found a turn of 0.6, expected -0.5 to 0.5");
}
