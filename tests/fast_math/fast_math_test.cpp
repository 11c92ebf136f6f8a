// SPDX-License-Identifier: MIT

// Compiled with -ffast-math, in a program of its own. Images and probabilities do not depend on it.

#include <bit>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "../catch.hpp"
#include "../vision/fixtures.hpp"
#include "tessera/core/finite.hpp"
#include "tessera/models/preprocessing.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/resize.hpp"
#include "tessera/vision/top_k.hpp"

#ifndef __FAST_MATH__
#error "This test is about -ffast-math"
#endif

using namespace tessera;

namespace {

// FNV-1a-64 of the values' bits.
std::uint64_t hash_of(const PixelTensor& tensor) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const float value : tensor) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3;
  return hash;
}

}  // namespace

TEST_CASE("fast math: normalised values are the same bits as without it") {
  // The 256 values of each channel, as the same program gives them without -ffast-math.
  Image image(16, 16);
  for (int i = 0; i < 256; ++i)
    for (std::uint8_t& value : image.pixel(i / 16, i % 16)) value = static_cast<std::uint8_t>(i);
  const auto hash = [&](const Preprocessing& how) { return hash_of(normalize(image, how.mean, how.deviation)); };
  CHECK(hash(imagenet_preprocessing) == 0xe426d1e130e1deba);
  CHECK(hash(mixer_preprocessing) == 0xb588f275f3492325);
  CHECK(hash(cifar10_preprocessing) == 0x5802868b3d91ab65);
}

TEST_CASE("fast math: pictures are resized to the same bytes as without it") {
  std::ifstream lines(fixtures::vision_data() / "resize_hashes_v13.txt");
  std::string kind, filter, hash;
  int in_width = 0, in_height = 0, out_width = 0, out_height = 0, count = 0, other = 0;
  while (lines >> kind >> in_width >> in_height >> out_width >> out_height >> filter >> hash) {
    const Image resized = resize(fixtures::pattern(kind, in_width, in_height), out_height, out_width, fixtures::filter_named(filter));
    other += fixtures::hash_of(resized) != hash;
    ++count;
  }
  CHECK(count >= 700);
  CHECK(other == 0);
}

TEST_CASE("fast math: a score that is not a number is named") {
  std::vector<float> scores{1.0F, 2.0F, 3.0F};
  scores[1] = std::bit_cast<float>(0x7FC00000U);
  CHECK(fixtures::error_of([&] { top_k(scores, 2); }) == "top_k: score 1 is nan, expected a finite number");
  scores[1] = std::bit_cast<float>(0xFF800000U);
  CHECK(fixtures::error_of([&] { softmax(scores); }) == "softmax: score 1 is -inf, expected a finite number");
  std::vector<double> numbers{1.0, 2.0};
  CHECK(detail::is_finite_bits(numbers[0]));
  numbers[0] = std::bit_cast<double>(std::uint64_t{0x7FF} << 52);
  CHECK_FALSE(detail::is_finite_bits(numbers[0]));
}

TEST_CASE("fast math: records that make no sense are refused") {
  Preprocessing how;
  how.mean[2] = std::bit_cast<float>(0x7FC00000U);
  CHECK(fixtures::error_of([&] { preprocess(Image(9, 9), how, 8); }).find("in channel 2") != std::string::npos);
  how = {};
  how.crop = std::bit_cast<double>(std::uint64_t{0x7FF8} << 48);
  CHECK(fixtures::error_of([&] { preprocess(Image(9, 9), how, 8); }).find("crop ratio") != std::string::npos);
}
