// SPDX-License-Identifier: MIT
#pragma once

// An 8-bit RGB picture. Channel c of the pixel in column x of row y lies at data()[(y·width + x)·3 + c].
//
// Build one from pixels that are already in memory (a camera, a GUI, another decoder), or read one with vision/read_image.hpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tessera/core/error.hpp"

namespace tessera {

class Image {
 public:
  // The limits of JPEG (nearly) and of Pillow's guard against decompression bombs. Checked before anything is allocated.
  static constexpr std::int64_t max_side = 65'500;
  static constexpr std::int64_t max_pixels = 178'956'970;

  // A black picture.
  Image(int width, int height);
  // Copies rows of RGB pixels without padding between them; throws unless there are exactly width·height·3 values.
  Image(std::span<const std::uint8_t> pixels, int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  std::size_t size() const { return values_.size(); }
  std::uint8_t* data() { return values_.data(); }
  const std::uint8_t* data() const { return values_.data(); }

  // The width·3 values of one row.
  std::uint8_t* row(int y) { return data() + offset(0, y); }
  const std::uint8_t* row(int y) const { return data() + offset(0, y); }

  // Red, green and blue of one pixel.
  std::span<std::uint8_t, 3> pixel(int x, int y) { return std::span<std::uint8_t, 3>(data() + offset(x, y), 3); }
  std::span<const std::uint8_t, 3> pixel(int x, int y) const { return std::span<const std::uint8_t, 3>(data() + offset(x, y), 3); }

  friend bool operator==(const Image&, const Image&) = default;

 private:
  std::size_t offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * 3;
  }

  int width_;
  int height_;
  std::vector<std::uint8_t> values_;
};

namespace detail {

// Throws unless a picture of this size is within the limits; gives the number of values that it has.
inline std::size_t checked_image_size(std::int64_t width, std::int64_t height, std::string_view name) {
  const auto within = [](std::int64_t side) { return 1 <= side && side <= Image::max_side; };
  if (!within(width) || !within(height) || width * height > Image::max_pixels)
    fail(name, ": found an image of ", width, "×", height, " pixels, expected sides from 1 to ", Image::max_side, " and at most ",
         Image::max_pixels, " pixels");
  return static_cast<std::size_t>(width * height * 3);
}

}  // namespace detail

inline Image::Image(int width, int height) : width_(width), height_(height), values_(detail::checked_image_size(width, height, "Image")) {}

inline Image::Image(std::span<const std::uint8_t> pixels, int width, int height) : width_(width), height_(height) {
  const std::size_t expected = detail::checked_image_size(width, height, "Image");
  if (pixels.size() != expected)
    detail::fail("Image: found ", pixels.size(), " values for ", width, "×", height, " RGB pixels, expected ", expected);
  values_.assign(pixels.begin(), pixels.end());
}

}  // namespace tessera
