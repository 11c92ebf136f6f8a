// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/train/warp.hpp"

namespace tessera {

namespace detail {

TESSERA_INLINE Image filled(int height, int width, const Rgb& colour) {
  Image out(height, width);
  for (std::size_t i = 0; i < out.size(); i += 3) std::copy_n(colour.data(), 3, out.data() + i);
  return out;
}

// One pixel where its source lies in the picture.
TESSERA_INLINE void take_pixel(const Image& image, std::int64_t row, std::int64_t column, std::uint8_t* to) {
  if (row >= 0 && row < image.height() && column >= 0 && column < image.width())
    std::copy_n(image.pixel(static_cast<int>(row), static_cast<int>(column)).data(), 3, to);
}

}  // namespace detail

TESSERA_INLINE Image transform_nearest(const Image& image, const AffineMap& map, const Rgb& fill) {
  const auto [a, b, c, d, e, f] = map;
  const int height = image.height(), width = image.width();
  for (const auto& [x, y] : {std::pair{0, 0}, {width, 0}, {0, height}, {width, height}})
    if (!(std::abs(a * x + b * y + c) < 32768 && std::abs(d * x + e * y + f) < 32768))
      detail::fail("transform_nearest: found a map that reaches ", a * x + b * y + c, ", ", d * x + e * y + f,
                   ", expected less than 32768");
  Image out = detail::filled(height, width, fill);
  const auto fixed = [](double value) { return static_cast<std::int64_t>(std::floor(value * 65536 + 0.5)); };
  std::int64_t row_start_x = fixed(c + a * 0.5 + b * 0.5), row_start_y = fixed(f + d * 0.5 + e * 0.5);
  for (int y = 0; y < height; ++y, row_start_x += fixed(b), row_start_y += fixed(e)) {
    std::uint8_t* to = out.row(y);
    std::int64_t from_x = row_start_x, from_y = row_start_y;
    for (int x = 0; x < width; ++x, to += 3, from_x += fixed(a), from_y += fixed(d))
      detail::take_pixel(image, from_y >> 16, from_x >> 16, to);
  }
  return out;
}

TESSERA_INLINE Image rotate_nearest(const Image& image, double degrees, const Rgb& fill) {
  if (!(std::abs(degrees) < 90)) detail::fail("rotate_nearest: found ", degrees, " degrees, expected more than -90 and less than 90");
  const double angle = -degrees * std::numbers::pi / 180, y = image.height() / 2.0, x = image.width() / 2.0;
  const double cosine = std::cos(angle), sine = std::sin(angle);
  return transform_nearest(image, {cosine, sine, x - cosine * x - sine * y, -sine, cosine, y + sine * x - cosine * y}, fill);
}

TESSERA_INLINE Image shear_x(const Image& image, double s, const Rgb& fill) { return transform_nearest(image, {1, s, 0, 0, 1, 0}, fill); }
TESSERA_INLINE Image shear_y(const Image& image, double s, const Rgb& fill) { return transform_nearest(image, {1, 0, 0, s, 1, 0}, fill); }
TESSERA_INLINE Image translate_x(const Image& image, int pixels, const Rgb& fill) {
  return transform_nearest(image, {1, 0, static_cast<double>(pixels), 0, 1, 0}, fill);
}
TESSERA_INLINE Image translate_y(const Image& image, int pixels, const Rgb& fill) {
  return transform_nearest(image, {1, 0, 0, 0, 1, static_cast<double>(pixels)}, fill);
}

TESSERA_INLINE Image mirrored(const Image& image) {
  Image out(image.height(), image.width());
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) std::copy_n(image.pixel(y, image.width() - 1 - x).data(), 3, out.pixel(y, x).data());
  return out;
}

TESSERA_INLINE Image crop(const Image& image, int y, int x, int height, int width) {
  if (y < 0 || x < 0 || height < 1 || width < 1 || height > image.height() - y || width > image.width() - x)
    detail::fail("crop: found rows from ", y, ", ", height, " of them, and columns from ", x, ", ", width, " of them, expected a part of ",
                 image.height(), "×", image.width());
  const std::size_t stride = static_cast<std::size_t>(image.width()) * 3;
  const std::span<const std::uint8_t> pixels(image.data(), image.size());
  return Image::from(pixels.subspan(static_cast<std::size_t>(y) * stride + static_cast<std::size_t>(x) * 3), height, width, stride);
}

TESSERA_INLINE Image with_rim(const Image& image, int rim, const Rgb& fill) {
  if (rim < 0) detail::fail("with_rim: found a rim of ", rim, " pixels, expected 0 or more");
  detail::checked_image_size(std::int64_t{image.height()} + 2 * std::int64_t{rim}, std::int64_t{image.width()} + 2 * std::int64_t{rim},
                             "with_rim");
  Image out = detail::filled(image.height() + 2 * rim, image.width() + 2 * rim, fill);
  for (int y = 0; y < image.height(); ++y) std::copy_n(image.row(y), image.width() * 3, out.pixel(y + rim, rim).data());
  return out;
}

}  // namespace tessera
