// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/train/augment.hpp"
#include "tessera/train/photometric.hpp"

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE void check_augmentation(const Augmentation& options) {
  const auto share = [](const char* name, double value) {
    if (!(value >= 0 && value <= 1)) fail("augmentation: found ", name, " ", value, ", expected 0 to 1");
  };
  share("flip", options.flip);
  share("brightness", options.brightness);
  share("contrast", options.contrast);
  share("colour", options.colour);
  share("magnitude", options.magnitude);
  share("erase", options.erase);
  share("least_area", options.least_area);
  if (!(options.hue >= 0 && options.hue <= 0.5)) fail("augmentation: found hue ", options.hue, ", expected 0 to 0.5");
  if (!(options.greatest_ratio >= 1)) fail("augmentation: found greatest_ratio ", options.greatest_ratio, ", expected 1 or more");
  if (options.rim < 0 || options.operations < 0)
    fail("augmentation: found a rim of ", options.rim, " and ", options.operations, " operations, expected 0 or more");
}

TESSERA_INLINE PixelWindow random_part(int height, int width, const Augmentation& options, Draws& draws) {
  const double area = static_cast<double>(height) * width, log_ratio = std::log(options.greatest_ratio);
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double part = area * draws.uniform(options.least_area, 1), ratio = std::exp(draws.uniform(-log_ratio, log_ratio));
    const auto w = static_cast<int>(std::lround(std::sqrt(part * ratio))), h = static_cast<int>(std::lround(std::sqrt(part / ratio)));
    if (w < 1 || h < 1 || w > width || h > height) continue;
    const auto y = draws.below(static_cast<std::uint32_t>(height - h + 1)), x = draws.below(static_cast<std::uint32_t>(width - w + 1));
    return {y, x, h, w};
  }
  // The centre, with the nearest proportions that are allowed.
  const int h = std::min(height, static_cast<int>(std::lround(width * options.greatest_ratio)));
  const int w = std::min(width, static_cast<int>(std::lround(height * options.greatest_ratio)));
  return {(height - h) / 2, (width - w) / 2, h, w};
}

TESSERA_INLINE Image random_view(const Image& image, const Preprocessing& how, const Augmentation& options, Draws& draws, int height,
                                 int width) {
  if (options.crop == RandomCrop::resized) {
    const PixelWindow part = random_part(image.height(), image.width(), options, draws);
    return resize(crop(image, static_cast<int>(part.y), static_cast<int>(part.x), part.height, part.width), height, width, how.filter,
                  how.pillow);
  }
  if (options.crop == RandomCrop::shifted) {
    const auto end = static_cast<std::uint32_t>(2 * options.rim + 1);
    const auto y = static_cast<int>(draws.below(end)), x = static_cast<int>(draws.below(end));
    return crop(with_rim(resize(image, height, width, how.filter, how.pillow), options.rim, {0, 0, 0}), y, x, height, width);
  }
  const Size whole = covering_size(image, uncropped_side(height, how.crop), uncropped_side(width, how.crop));
  return resize_window(image, whole.height, whole.width,
                       {centre_offset(whole.height, height), centre_offset(whole.width, width), height, width}, how.filter, how.pillow);
}

TESSERA_INLINE Image jittered(Image image, const Augmentation& options, Draws& draws) {
  std::array<int, 4> order{0, 1, 2, 3};
  for (std::uint32_t i = 3; i > 0; --i) std::swap(order[i], order[draws.below(i + 1)]);
  for (const int change : order) {
    const double amount = change == 0 ? options.brightness : change == 1 ? options.contrast : change == 2 ? options.colour : options.hue;
    if (amount == 0) continue;
    const double drawn = draws.uniform(-amount, amount);
    if (change == 0) image = with_brightness(image, 1 + drawn);
    if (change == 1) image = with_contrast(image, 1 + drawn);
    if (change == 2) image = with_colour(image, 1 + drawn);
    if (change == 3) image = with_hue(image, drawn);
  }
  return image;
}

// Zeros in a rectangle of 2 to 33 % of the area, 0.3 to 3.3 times as high as wide, where one is found that fits.
TESSERA_INLINE void erase_part(PixelView out, Draws& draws) {
  const int height = out.shape().height, width = out.shape().width;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double area = static_cast<double>(height) * width * draws.uniform(0.02, 1.0 / 3), limit = std::log(1 / 0.3);
    const double ratio = std::exp(draws.uniform(-limit, limit));
    const auto h = static_cast<int>(std::lround(std::sqrt(area * ratio))), w = static_cast<int>(std::lround(std::sqrt(area / ratio)));
    if (h < 1 || w < 1 || h >= height || w >= width) continue;
    const auto y = static_cast<int>(draws.below(static_cast<std::uint32_t>(height - h + 1)));
    const auto x = static_cast<int>(draws.below(static_cast<std::uint32_t>(width - w + 1)));
    for (int row = y; row < y + h; ++row) std::fill_n(out.data() + (static_cast<std::ptrdiff_t>(row) * width + x) * 3, 3 * w, 0.0F);
    return;
  }
}

}  // namespace detail

TESSERA_INLINE Image apply_operation(const Image& image, AugmentOperation operation, double magnitude, int sign, const Rgb& fill) {
  const double signed_magnitude = magnitude * sign, factor = 1 + 0.9 * signed_magnitude;
  const auto shift = [&](int side) { return static_cast<int>(150.0 / 331 * side * signed_magnitude); };
  switch (operation) {
    case AugmentOperation::identity:
      return image;
    case AugmentOperation::shear_x:
      return shear_x(image, 0.3 * signed_magnitude, fill);
    case AugmentOperation::shear_y:
      return shear_y(image, 0.3 * signed_magnitude, fill);
    case AugmentOperation::translate_x:
      return translate_x(image, shift(image.width()), fill);
    case AugmentOperation::translate_y:
      return translate_y(image, shift(image.height()), fill);
    case AugmentOperation::rotate:
      return rotate_nearest(image, 30 * signed_magnitude, fill);
    case AugmentOperation::brightness:
      return with_brightness(image, factor);
    case AugmentOperation::colour:
      return with_colour(image, factor);
    case AugmentOperation::contrast:
      return with_contrast(image, factor);
    case AugmentOperation::sharpness:
      return with_sharpness(image, factor);
    case AugmentOperation::posterize:
      return posterize(image, 8 - static_cast<int>(std::nearbyint(4 * magnitude)));
    case AugmentOperation::solarize:
      return solarize(image, static_cast<int>(255 * (1 - magnitude)));
    case AugmentOperation::autocontrast:
      return autocontrast(image);
    case AugmentOperation::equalize:
      return equalize(image);
  }
  detail::fail("augmentation: found operation number ", static_cast<int>(operation), ", expected 0 to ", augment_operations - 1);
}

TESSERA_INLINE void augment_into(const Image& image, const Preprocessing& how, const Augmentation& options, Draws& draws,
                                 detail::PixelView out) {
  detail::check_augmentation(options);
  Image picture = detail::random_view(image, how, options, draws, out.shape().height, out.shape().width);
  if (draws.chance(options.flip)) picture = mirrored(picture);
  if (options.brightness + options.contrast + options.colour + options.hue > 0)
    picture = detail::jittered(std::move(picture), options, draws);
  Rgb fill;
  for (std::size_t c = 0; c < 3; ++c) fill[c] = static_cast<std::uint8_t>(std::clamp(std::lround(how.mean[c] * 255), 0L, 255L));
  for (int i = 0; i < options.operations; ++i) {
    const auto operation = static_cast<AugmentOperation>(draws.below(augment_operations));
    picture = apply_operation(picture, operation, options.magnitude, draws.chance(0.5) ? 1 : -1, fill);
  }
  detail::normalize_into(picture, how.mean, how.deviation, out);
  if (draws.chance(options.erase)) detail::erase_part(out, draws);
}

}  // namespace tessera
