// SPDX-License-Identifier: MIT
#include "tessera/train/mixing.hpp"

#include <cmath>
#include <vector>

#include "../catch.hpp"

using tessera::DrawPurpose;
using tessera::Draws;
using tessera::Mixing;

namespace {

constexpr tessera::Shape mixed_shape{6, 5, 2};
constexpr std::size_t mixed_count = 4, mixed_size = 6 * 5 * 2;

// Image i is i everywhere, and has the class i.
struct Mixed {
  std::vector<float> images, targets;
};
Mixed mixed(const Mixing& options, std::uint32_t number) {
  Mixed m{std::vector<float>(mixed_count * mixed_size), std::vector<float>(mixed_count * mixed_count)};
  for (std::size_t i = 0; i < mixed_count; ++i) {
    std::fill_n(m.images.data() + i * mixed_size, mixed_size, static_cast<float>(i));
    m.targets[i * mixed_count + i] = 1;
  }
  Draws draws(5, DrawPurpose::mixing, 0, number);
  tessera::mix(m.images, mixed_shape, m.targets, options, draws);
  return m;
}

}  // namespace

TEST_CASE("Mixup gives images and targets the same shares") {
  bool changed = false;
  for (std::uint32_t number = 0; number < 20; ++number) {
    const Mixed m = mixed({.mixup = 0.8}, number);
    for (std::size_t i = 0; i < mixed_count; ++i) {
      double sum = 0, value = 0;
      for (std::size_t k = 0; k < mixed_count; ++k)
        sum += m.targets[i * mixed_count + k], value += static_cast<double>(k) * m.targets[i * mixed_count + k];
      CHECK(std::abs(sum - 1) < 1e-6);
      for (std::size_t p = 0; p < mixed_size; ++p) CHECK(std::abs(m.images[i * mixed_size + p] - value) < 1e-5);
      changed = changed || (m.targets[i * mixed_count + i] > 0 && m.targets[i * mixed_count + i] < 1);
    }
  }
  CHECK(changed);
}

TEST_CASE("CutMix takes a rectangle of another image, and its share of the target") {
  bool changed = false;
  for (std::uint32_t number = 0; number < 50; ++number) {
    const Mixed m = mixed({.cutmix = 1}, number);
    for (std::size_t i = 0; i < mixed_count; ++i) {
      int top = 6, bottom = -1, left = 5, right = -1, taken = 0;
      double sum = 0;
      for (int y = 0; y < 6; ++y)
        for (int x = 0; x < 5; ++x) {
          const float value = m.images[i * mixed_size + static_cast<std::size_t>((y * 5 + x) * 2)];
          sum += value;
          CHECK(value == m.images[i * mixed_size + static_cast<std::size_t>((y * 5 + x) * 2 + 1)]);
          if (value == static_cast<float>(i)) continue;
          ++taken;
          top = std::min(top, y), bottom = std::max(bottom, y), left = std::min(left, x), right = std::max(right, x);
        }
      if (taken > 0) CHECK(taken == (bottom - top + 1) * (right - left + 1));
      double expected = 0;
      for (std::size_t k = 0; k < mixed_count; ++k) expected += static_cast<double>(k) * m.targets[i * mixed_count + k];
      CHECK(std::abs(sum / 30 - expected) < 1e-5);
      changed = changed || (taken > 0 && taken < 30);
    }
  }
  CHECK(changed);
}

TEST_CASE("A batch is mixed as often as asked, by either way") {
  int none = 0;
  const std::vector<float> before = mixed({}, 0).images;
  for (std::uint32_t number = 0; number < 400; ++number) {
    CHECK(mixed({.mixup = 0.8, .cutmix = 1}, number).images == mixed({.mixup = 0.8, .cutmix = 1}, number).images);
    none += mixed({.mixup = 0.8, .cutmix = 1, .probability = 0.25}, number).images == before ? 1 : 0;
  }
  // A quarter is mixed; of these, some pair each image with itself or cut nothing.
  CHECK((none > 280 && none < 370));
}

TEST_CASE("Mixing refuses what does not fit") {
  std::vector<float> images(mixed_size + 1), targets(2);
  Draws draws(5, DrawPurpose::mixing, 0, 0);
  CHECK_THROWS_AS(tessera::mix(images, mixed_shape, targets, {.mixup = 1}, draws), tessera::Error);
  images.assign(2 * mixed_size, 0);
  targets.assign(3, 0);
  CHECK_THROWS_WITH(tessera::mix(images, mixed_shape, targets, {.mixup = 1}, draws),
                    "mix: found 3 targets for 2 images, expected as many for each");
  targets.assign(4, 0);
  CHECK_THROWS_AS(tessera::mix(images, mixed_shape, targets, {.mixup = -1}, draws), tessera::Error);
  CHECK_NOTHROW(tessera::mix(images, mixed_shape, targets, {.mixup = 1}, draws));
}
