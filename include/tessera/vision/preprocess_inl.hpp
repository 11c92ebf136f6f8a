// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/finite.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/resize.hpp"

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE int uncropped_side(int side, const double& crop) {
  if (side < 1) fail("preprocess: found a side of ", side, ", expected at least 1");
  if (!is_finite_bits(crop) || !(crop > 0.0 && crop <= 1.0))
    fail("preprocess: found a crop ratio of ", crop, ", expected more than 0 and at most 1");
  const double whole = std::floor(side / crop);
  if (whole > static_cast<double>(Image::max_side))
    fail("preprocess: side ", side, " over crop ratio ", crop, " is more than ", Image::max_side);
  return static_cast<int>(whole);
}

TESSERA_INLINE std::int64_t centre_offset(std::int64_t whole, std::int64_t part) {
  const std::int64_t half = (whole - part) / 2;
  return (whole - part) % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

TESSERA_INLINE Size covering_size(const Image& image, std::int64_t height, std::int64_t width) {
  if (image.width() * height <= image.height() * width) return {width * image.height() / image.width(), width};
  return {height, height * image.width() / image.height()};
}

TESSERA_COLD_INLINE void check_normalization(const std::array<float, 3>& mean, const std::array<float, 3>& deviation) {
  for (std::size_t c = 0; c < 3; ++c)
    if (!is_finite_bits(mean[c]) || !is_finite_bits(deviation[c]) || deviation[c] == 0.0F)
      fail("preprocess: found mean ", mean[c], " and deviation ", deviation[c], " in channel ", c,
           ", expected finite numbers and a deviation other than 0");
}

// Operations of one rounding each. What is volatile is not replaced by a product with a reciprocal or put in another order, which
// -ffast-math allows otherwise.
TESSERA_COLD_INLINE float rounded_quotient(float above, float below) {
  const volatile float a = above, b = below;
  const volatile float quotient = a / b;
  return quotient;
}
TESSERA_COLD_INLINE float rounded_difference(float from, float what) {
  const volatile float a = from, b = what;
  const volatile float difference = a - b;
  return difference;
}

// What each of the 256 values of each channel becomes.
struct NormalizationTable {
  float values[3][256];
};
TESSERA_COLD_INLINE NormalizationTable normalization_table(const std::array<float, 3>& mean, const std::array<float, 3>& deviation) {
  check_normalization(mean, deviation);
  NormalizationTable table;
  for (std::size_t c = 0; c < 3; ++c)
    for (int value = 0; value < 256; ++value)
      table.values[c][value] =
          rounded_quotient(rounded_difference(rounded_quotient(static_cast<float>(value), 255.0F), mean[c]), deviation[c]);
  return table;
}

TESSERA_INLINE void normalize_into(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& deviation,
                                   PixelView out) {
  const NormalizationTable table = normalization_table(mean, deviation);
  const std::uint8_t* in = image.data();
  for (float* to = out.begin(); to != out.end(); to += 3, in += 3) {
    to[0] = table.values[0][in[0]];
    to[1] = table.values[1][in[1]];
    to[2] = table.values[2][in[2]];
  }
}

// TensorFlow's resize_bilinear with half-pixel centres. At = in between low and high, part of the way, all floats:
//     at = (i + 0.5)·(n_in / n_out) - 0.5;  low = max(floor(at), 0);  high = min(ceil(at), n_in - 1);  part = at - floor(at)
struct Between {
  int low, high;
  float part;
};
TESSERA_INLINE Between between(int i, int in, int out) {
  const float at = (static_cast<float>(i) + 0.5F) * (static_cast<float>(in) / static_cast<float>(out)) - 0.5F;
  const float floor = std::floor(at);
  return {std::max(static_cast<int>(floor), 0), std::min(static_cast<int>(std::ceil(at)), in - 1), at - floor};
}

TESSERA_INLINE void squash_into(const Image& image, const Preprocessing& how, PixelView out) {
  check_normalization(how.mean, how.deviation);
  const int height = out.shape().height, width = out.shape().width;
  std::vector<Between> columns;
  for (int x = 0; x < width; ++x) columns.push_back(between(x, image.width(), width));
  float* to = out.data();
  for (int y = 0; y < height; ++y) {
    const Between rows = between(y, image.height(), height);
    for (const Between& column : columns) {
      for (std::size_t c = 0; c < 3; ++c) {
        const auto along = [&](int row) {
          const float left = image.pixel(row, column.low)[c], right = image.pixel(row, column.high)[c];
          return left + (right - left) * column.part;
        };
        const float top = along(rows.low), bottom = along(rows.high);
        *to++ = ((top + (bottom - top) * rows.part) / 255.0F - how.mean[c]) / how.deviation[c];
      }
    }
  }
}

TESSERA_INLINE void preprocess_into(const Image& image, const Preprocessing& how, PixelView out) {
  const int height = out.shape().height, width = out.shape().width;
  checked_image_size(height, width, "preprocess");
  if (how.fit == Fit::squash) return squash_into(image, how, out);
  const Size whole = covering_size(image, uncropped_side(height, how.crop), uncropped_side(width, how.crop));
  const PixelWindow centre{centre_offset(whole.height, height), centre_offset(whole.width, width), height, width};
  normalize_into(resize_window(image, whole.height, whole.width, centre, how.filter, how.pillow), how.mean, how.deviation, out);
}

// Where one axis of a crop comes from: the offset in the picture, the offset in the crop, and the length.
struct CropAxis {
  int from, to, length;
};
TESSERA_INLINE CropAxis crop_axis(int whole, int part) {
  if (whole >= part) return {static_cast<int>(centre_offset(whole, part)), 0, part};
  return {0, (part - whole) / 2, whole};
}

}  // namespace detail

TESSERA_INLINE Image resize_shorter_side(const Image& image, int shorter, Filter filter, PillowRule rule) {
  const detail::Size size = detail::covering_size(image, shorter, shorter);
  detail::checked_image_size(size.height, size.width, "resize_shorter_side");
  return resize(image, static_cast<int>(size.height), static_cast<int>(size.width), filter, rule);
}

TESSERA_INLINE Image center_crop(const Image& image, int height, int width) {
  Image out(height, width);
  const detail::CropAxis rows = detail::crop_axis(image.height(), height), columns = detail::crop_axis(image.width(), width);
  for (int y = 0; y < rows.length; ++y)
    std::copy_n(image.pixel(rows.from + y, columns.from).data(), columns.length * 3, out.pixel(rows.to + y, columns.to).data());
  return out;
}

TESSERA_INLINE PixelTensor normalize(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& deviation) {
  PixelTensor out(Shape{image.height(), image.width(), 3});
  detail::normalize_into(image, mean, deviation, out.view());
  return out;
}

TESSERA_INLINE PixelTensor preprocess(const Image& image, const Preprocessing& how, int height, int width) {
  detail::checked_image_size(height, width, "preprocess");
  PixelTensor out(Shape{height, width, 3});
  detail::preprocess_into(image, how, out.view());
  return out;
}

TESSERA_INLINE PixelTensor preprocess(const Image& image, const Preprocessing& how, int side) { return preprocess(image, how, side, side); }

}  // namespace tessera
