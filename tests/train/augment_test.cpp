// SPDX-License-Identifier: MIT
#include "tessera/train/augment.hpp"

#include <set>

#include "../catch.hpp"
#include "../vision/fixtures.hpp"
#include "tessera/train/photometric.hpp"

using tessera::Augmentation;
using tessera::AugmentOperation;
using tessera::DrawPurpose;
using tessera::Draws;
using tessera::Image;
using tessera::PixelTensor;
using tessera::RandomCrop;

namespace {

const tessera::Preprocessing imagenet = tessera::imagenet_preprocessing;

PixelTensor example(const Image& image, const Augmentation& options, std::uint32_t number, int side = 24) {
  PixelTensor out(tessera::Shape{side, side, 3});
  Draws draws(3, DrawPurpose::augmentation, 0, number);
  tessera::augment_into(image, imagenet, options, draws, out.view());
  return out;
}

}  // namespace

TEST_CASE("Without any change an example is what prediction sees") {
  const Image image = fixtures::pattern("noise", 61, 47);
  CHECK(example(image, {.crop = RandomCrop::none, .flip = 0}, 0) == tessera::preprocess(image, imagenet, 24));
  PixelTensor mirrored = tessera::preprocess(image, imagenet, 24);
  for (int y = 0; y < 24; ++y)
    for (int x = 0; x < 12; ++x) {
      float* const left = mirrored.data() + (y * 24 + x) * 3;
      std::swap_ranges(left, left + 3, mirrored.data() + (y * 24 + 23 - x) * 3);
    }
  CHECK(example(image, {.crop = RandomCrop::none, .flip = 1}, 0) == mirrored);
}

TEST_CASE("The same place gives the same example, another image gives another") {
  const Image image = fixtures::pattern("noise", 61, 47);
  const Augmentation all{.brightness = 0.4, .contrast = 0.4, .colour = 0.4, .hue = 0.1, .operations = 2, .magnitude = 0.5, .erase = 0.5};
  for (std::uint32_t number = 0; number < 20; ++number) {
    CHECK(example(image, all, number) == example(image, all, number));
    CHECK(example(image, all, number) != example(image, all, number + 1));
  }
}

TEST_CASE("A random part has an area and proportions within their limits, and lies anywhere") {
  const Augmentation options{.least_area = 0.2, .greatest_ratio = 1.5};
  std::set<std::int64_t> tops, lefts;
  double least = 1, most = 0;
  for (std::uint32_t i = 0; i < 2000; ++i) {
    Draws draws(1, DrawPurpose::augmentation, 0, i);
    const auto part = tessera::detail::random_part(300, 400, options, draws);
    REQUIRE((part.y >= 0 && part.x >= 0 && part.height > 0 && part.width > 0 && part.y + part.height <= 300 && part.x + part.width <= 400));
    const double area = static_cast<double>(part.height) * part.width / (300 * 400), ratio = static_cast<double>(part.width) / part.height;
    least = std::min(least, area), most = std::max(most, area);
    // Sides are rounded to whole pixels.
    REQUIRE((ratio > 0.99 / 1.5 && ratio < 1.01 * 1.5));
    tops.insert(part.y), lefts.insert(part.x);
  }
  CHECK((least > 0.198 && least < 0.22));
  CHECK((most > 0.9 && most <= 1));
  CHECK((tops.size() > 100 && lefts.size() > 100));
  // No part of a very long picture has the proportions: its centre is taken.
  Draws draws(1, DrawPurpose::augmentation, 0, 0);
  const auto centre = tessera::detail::random_part(10, 1000, {.least_area = 0.9, .greatest_ratio = 1.5}, draws);
  CHECK((centre.height == 10 && centre.width == 15 && centre.x == 492 && centre.y == 0));
}

TEST_CASE("A random resized crop is the Pillow-exact resize of a part") {
  const Image image = fixtures::pattern("noise", 61, 47);
  const Augmentation options{.flip = 0};
  for (std::uint32_t number = 0; number < 10; ++number) {
    Draws draws(3, DrawPurpose::augmentation, 0, number);
    const auto part = tessera::detail::random_part(47, 61, options, draws);
    const Image cut = tessera::crop(image, static_cast<int>(part.y), static_cast<int>(part.x), part.height, part.width);
    CHECK(example(image, options, number) ==
          tessera::normalize(tessera::resize(cut, 24, 24, imagenet.filter), imagenet.mean, imagenet.deviation));
  }
}

TEST_CASE("A shifted picture is a window of the picture with a rim") {
  const Image image = fixtures::pattern("noise", 32, 32);
  std::set<std::pair<int, int>> places;
  for (std::uint32_t number = 0; number < 300; ++number) {
    const PixelTensor x = example(image, {.crop = RandomCrop::shifted, .rim = 1, .flip = 0}, number, 32);
    for (int top = 0; top < 3; ++top)
      for (int left = 0; left < 3; ++left)
        if (x ==
            tessera::normalize(tessera::crop(tessera::with_rim(image, 1, {0, 0, 0}), top, left, 32, 32), imagenet.mean, imagenet.deviation))
          places.insert({top, left});
  }
  CHECK(places.size() == 9);
}

TEST_CASE("RandAugment's operations have torchvision's ranges") {
  const Image image = fixtures::pattern("noise", 40, 30);
  const tessera::Rgb fill{1, 2, 3};
  const auto apply = [&](AugmentOperation operation, double magnitude, int sign) {
    return tessera::apply_operation(image, operation, magnitude, sign, fill);
  };
  CHECK(apply(AugmentOperation::identity, 1, 1) == image);
  CHECK(apply(AugmentOperation::shear_x, 1, -1) == tessera::shear_x(image, -0.3, fill));
  CHECK(apply(AugmentOperation::shear_y, 0.5, 1) == tessera::shear_y(image, 0.15, fill));
  CHECK(apply(AugmentOperation::translate_x, 1, 1) == tessera::translate_x(image, 18, fill));    // 150/331·40
  CHECK(apply(AugmentOperation::translate_y, 1, -1) == tessera::translate_y(image, -13, fill));  // 150/331·30
  CHECK(apply(AugmentOperation::rotate, 1, -1) == tessera::rotate_nearest(image, -30, fill));
  CHECK(apply(AugmentOperation::brightness, 1, 1) == tessera::with_brightness(image, 1.9));
  CHECK(apply(AugmentOperation::colour, 1, 1) == tessera::with_colour(image, 1.9));
  CHECK(apply(AugmentOperation::contrast, 0.5, -1) == tessera::with_contrast(image, 0.55));
  CHECK(apply(AugmentOperation::sharpness, 1, 1) == tessera::with_sharpness(image, 1.9));
  CHECK(apply(AugmentOperation::posterize, 1, 1) == tessera::posterize(image, 4));
  CHECK(apply(AugmentOperation::posterize, 0, 1) == image);
  CHECK(apply(AugmentOperation::solarize, 0.5, 1) == tessera::solarize(image, 127));
  CHECK(apply(AugmentOperation::autocontrast, 1, 1) == tessera::autocontrast(image));
  CHECK(apply(AugmentOperation::equalize, 1, 1) == tessera::equalize(image));
  CHECK_THROWS_AS(apply(static_cast<AugmentOperation>(tessera::augment_operations), 1, 1), tessera::Error);
}

TEST_CASE("Erasing sets one rectangle to 0") {
  const Image image = fixtures::pattern("noise", 40, 40);
  const Augmentation kept{.crop = RandomCrop::none, .flip = 0}, erased{.crop = RandomCrop::none, .flip = 0, .erase = 1};
  for (std::uint32_t number = 0; number < 50; ++number) {
    const PixelTensor x = example(image, erased, number), all = example(image, kept, number);
    int top = 24, bottom = -1, left = 24, right = -1, changed = 0, wrong = 0;
    for (int y = 0; y < 24; ++y)
      for (int at = 0; at < 24; ++at)
        for (int c = 0; c < 3; ++c) {
          const int i = (y * 24 + at) * 3 + c;
          if (x.data()[i] == all.data()[i]) continue;
          wrong += x.data()[i] != 0;
          ++changed;
          top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, at), right = std::max(right, at);
        }
    CHECK(wrong == 0);
    CHECK(changed == 3 * (bottom - top + 1) * (right - left + 1));
    CHECK((changed > 0.01 * 24 * 24 * 3 && changed < 0.4 * 24 * 24 * 3));
  }
}

TEST_CASE("Options of augmentation that make no sense are named") {
  const Image image(8, 8);
  CHECK_THROWS_WITH(example(image, {.flip = 1.5}, 0), "augmentation: found flip 1.5, expected 0 to 1");
  CHECK_THROWS_WITH(example(image, {.hue = 0.7}, 0), "augmentation: found hue 0.7, expected 0 to 0.5");
  CHECK_THROWS_WITH(example(image, {.greatest_ratio = 0.5}, 0), "augmentation: found greatest_ratio 0.5, expected 1 or more");
  CHECK_THROWS_AS(example(image, {.operations = -1}, 0), tessera::Error);
}
