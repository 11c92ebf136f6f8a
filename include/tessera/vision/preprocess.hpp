// SPDX-License-Identifier: MIT
#pragma once

// From a picture to the numbers that a network takes, as the checkpoint wants it (core/preprocessing.hpp): fit, then normalise.
//
//     crop      t = floor(side / crop);  shorter side → t, longer side → floor(t·long / short);  centre side×side, offsets
//               round((n - side) / 2) with ties to even;  (value/255 - mean) / std, every step in float
//     squash    TensorFlow's bilinear on floats, then the same normalisation
//
// Out: H×W×3, channels last, RGB. For an input that is not square the picture is made just big enough to cover
// floor(height / crop)×floor(width / crop), which is the rule above where both are equal.
// Equals timm 1.0 and torchvision 0.14 on images that Pillow 13 resizes, and vit_jax's tf.image.resize to float rounding.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/resize.hpp"

namespace tessera {

namespace detail {

using PixelView = MutableView<Shape{Dynamic, Dynamic, 3}>;

// floor(side / crop), the side of the picture that `side` is cut out of.
inline int uncropped_side(int side, double crop) {
  if (side < 1) fail("preprocess: found a side of ", side, ", expected at least 1");
  if (!(crop > 0.0 && crop <= 1.0)) fail("preprocess: found a crop ratio of ", crop, ", expected more than 0 and at most 1");
  const double whole = std::floor(side / crop);
  if (whole > static_cast<double>(Image::max_side))
    fail("preprocess: side ", side, " over crop ratio ", crop, " is more than ", Image::max_side);
  return static_cast<int>(whole);
}

struct Size {
  std::int64_t width, height;
};

// The size with the sides' ratio kept that just covers width×height: one side equal, the other floored but no smaller.
inline Size covering_size(const Image& image, std::int64_t width, std::int64_t height) {
  if (image.width() * height <= image.height() * width) return {width, width * image.height() / image.width()};
  return {height * image.width() / image.height(), height};
}

// Offset of the centre: round((whole - part) / 2), ties to even, for whole >= part.
inline std::int64_t centre_offset(std::int64_t whole, std::int64_t part) {
  const std::int64_t half = (whole - part) / 2;
  return (whole - part) % 2 != 0 && half % 2 != 0 ? half + 1 : half;
}

inline void check_normalization(const std::array<float, 3>& mean, const std::array<float, 3>& std) {
  for (std::size_t c = 0; c < 3; ++c)
    if (!std::isfinite(mean[c]) || !std::isfinite(std[c]) || std[c] == 0.0F)
      fail("preprocess: found mean ", mean[c], " and std ", std[c], " in channel ", c, ", expected finite numbers and a std other than 0");
}

inline void normalize_into(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& std, PixelView out) {
  check_normalization(mean, std);
  std::array<std::array<float, 256>, 3> table;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t value = 0; value < 256; ++value) table[c][value] = (static_cast<float>(value) / 255.0F - mean[c]) / std[c];
  const std::uint8_t* in = image.data();
  for (float* to = out.data(); to != out.data() + out.size(); to += 3, in += 3)
    for (std::size_t c = 0; c < 3; ++c) to[c] = table[c][in[c]];
}

// TensorFlow's resize_bilinear with half-pixel centres. At = in between Low and High, Part of the way, all floats:
//     at = (i + 0.5)·(n_in / n_out) - 0.5;  low = max(floor(at), 0);  high = min(ceil(at), n_in - 1);  part = at - floor(at)
struct Between {
  int low, high;
  float part;

  Between(int i, int in, int out) {
    const float at = (static_cast<float>(i) + 0.5F) * (static_cast<float>(in) / static_cast<float>(out)) - 0.5F;
    const float floor = std::floor(at);
    low = std::max(static_cast<int>(floor), 0);
    high = std::min(static_cast<int>(std::ceil(at)), in - 1);
    part = at - floor;
  }
};

inline void squash_into(const Image& image, const Preprocessing& how, PixelView out) {
  check_normalization(how.mean, how.std);
  const int height = out.shape().height, width = out.shape().width;
  std::vector<Between> columns;
  for (int x = 0; x < width; ++x) columns.emplace_back(x, image.width(), width);
  float* to = out.data();
  for (int y = 0; y < height; ++y) {
    const Between rows(y, image.height(), height);
    for (const Between& column : columns) {
      for (std::size_t c = 0; c < 3; ++c) {
        const auto along = [&](int row) {
          const float left = image.pixel(column.low, row)[c], right = image.pixel(column.high, row)[c];
          return left + (right - left) * column.part;
        };
        const float top = along(rows.low), bottom = along(rows.high);
        *to++ = ((top + (bottom - top) * rows.part) / 255.0F - how.mean[c]) / how.std[c];
      }
    }
  }
}

inline void preprocess_into(const Image& image, const Preprocessing& how, PixelView out) {
  if (how.fit == Fit::squash) return squash_into(image, how, out);
  const int height = out.shape().height, width = out.shape().width;
  const Size whole = covering_size(image, uncropped_side(width, how.crop), uncropped_side(height, how.crop));
  const PixelWindow centre{centre_offset(whole.width, width), centre_offset(whole.height, height), width, height};
  normalize_into(resize_window(image, whole.width, whole.height, centre, how.filter, how.pillow), how.mean, how.std, out);
}

}  // namespace detail

// Each step on its own: what preprocess does in one go, without computing what is then cut off.

// Shorter side → shorter, longer side → floor(shorter·long / short). A picture that has that shorter side stays as it is.
inline Image resize_shorter_side(const Image& image, int shorter, Filter filter, PillowRule rule = PillowRule::v13) {
  const detail::Size size = detail::covering_size(image, shorter, shorter);
  detail::checked_image_size(size.width, size.height, "resize_shorter_side");
  return resize(image, static_cast<int>(size.width), static_cast<int>(size.height), filter, rule);
}

// The centre of a picture; where the picture is smaller it is first set in black, as torchvision does.
inline Image center_crop(const Image& image, int width, int height) {
  Image out(width, height);
  const auto place = [](int whole, int part) {  // source offset, offset in the crop, length
    if (whole >= part) return std::array{static_cast<int>(detail::centre_offset(whole, part)), 0, part};
    return std::array{0, (part - whole) / 2, whole};
  };
  const auto [from_x, to_x, columns] = place(image.width(), width);
  const auto [from_y, to_y, rows] = place(image.height(), height);
  for (int y = 0; y < rows; ++y) std::copy_n(image.pixel(from_x, from_y + y).data(), columns * 3, out.pixel(to_x, to_y + y).data());
  return out;
}

// (value/255 - mean) / std per channel, height×width×3.
inline Tensor<Shape{Dynamic, Dynamic, 3}> normalize(const Image& image, const std::array<float, 3>& mean, const std::array<float, 3>& std) {
  Tensor<Shape{Dynamic, Dynamic, 3}> out(Shape{image.height(), image.width(), 3});
  detail::normalize_into(image, mean, std, out.view());
  return out;
}

// For a size that is known when the program runs.
inline Tensor<Shape{Dynamic, Dynamic, 3}> preprocess(const Image& image, const Preprocessing& how, int height, int width) {
  detail::checked_image_size(width, height, "preprocess");
  Tensor<Shape{Dynamic, Dynamic, 3}> out(Shape{height, width, 3});
  detail::preprocess_into(image, how, out.view());
  return out;
}
inline Tensor<Shape{Dynamic, Dynamic, 3}> preprocess(const Image& image, const Preprocessing& how, int side) {
  return preprocess(image, how, side, side);
}

// For a network: Net::input is its input shape, Net::preprocessing what its checkpoints were trained with.
template <class Net>
Tensor<Net::input> preprocess(const Image& image, const Preprocessing& how = Net::preprocessing) {
  static_assert(Net::input.channels == 3, "preprocess: the network must take RGB images");
  static_assert(Net::input.fixed(), "preprocess: this network takes images of any size; pass the height and width wanted");
  Tensor<Net::input> out;
  detail::preprocess_into(image, how, {out.data(), out.shape()});
  return out;
}

// For a network that takes images of any size (Tensor's constructor refuses a size that the network does not take).
template <class Net>
Tensor<Net::input> preprocess(const Image& image, int height, int width, const Preprocessing& how = Net::preprocessing) {
  static_assert(Net::input.channels == 3, "preprocess: the network must take RGB images");
  detail::checked_image_size(width, height, "preprocess");
  Tensor<Net::input> out(Shape{height, width, 3});
  detail::preprocess_into(image, how, {out.data(), out.shape()});
  return out;
}

}  // namespace tessera
