// SPDX-License-Identifier: MIT
#pragma once

// An 8-bit RGB picture. Build one from pixels that are already in memory (a camera, a window, another decoder), or read one from a file
// with vision/read_image.hpp.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"

namespace tessera {

// How the bytes of one pixel follow each other in memory that Image::from copies: 3, 3, 4, 4 and 1 of them.
enum class PixelOrder { rgb, bgr, rgba, bgra, grey };

// Channel c of the pixel in row y and column x is data()[(y·width + x)·3 + c]: 0 is red, 1 green, 2 blue. Sizes and positions are given as
// height, then width, as in a Shape.
class Image {
 public:
  // The longest side, nearly that of JPEG, and the most pixels, the limit at which Pillow warns of a decompression bomb. Both are checked
  // before memory is allocated.
  static constexpr std::int64_t max_side = 65'500;
  static constexpr std::int64_t max_pixels = 178'956'970;

  // A black picture. Throws Error if the size is not positive or beyond the limits.
  Image(int height, int width);
  // Copies rows of RGB pixels that follow each other without gaps. Throws Error unless there are exactly height·width·3 bytes.
  Image(std::span<const std::uint8_t> pixels, int height, int width);
  // Copies pixels out of memory of any layout. Row y begins at byte y·stride, and pixels within a row follow each other. An alpha channel
  // is left out, not blended. Throws Error if a row is longer than the stride or the last row ends beyond the bytes.
  static Image from(std::span<const std::uint8_t> pixels, int height, int width, std::size_t stride, PixelOrder order = PixelOrder::rgb);

  // In pixels.
  int height() const { return height_; }
  // In pixels.
  int width() const { return width_; }
  // The number of values, height·width·3.
  std::size_t size() const { return values_.size(); }
  std::uint8_t* data() { return values_.data(); }
  const std::uint8_t* data() const { return values_.data(); }

  // The width·3 values of row y.
  std::uint8_t* row(int y) { return data() + offset(y, 0); }
  const std::uint8_t* row(int y) const { return data() + offset(y, 0); }

  // Red, green and blue of the pixel in row y and column x.
  std::span<std::uint8_t, 3> pixel(int y, int x) { return std::span<std::uint8_t, 3>(data() + offset(y, x), 3); }
  std::span<const std::uint8_t, 3> pixel(int y, int x) const { return std::span<const std::uint8_t, 3>(data() + offset(y, x), 3); }

  friend bool operator==(const Image&, const Image&) = default;

 private:
  std::size_t offset(int y, int x) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x)) * 3;
  }

  int height_;
  int width_;
  std::vector<std::uint8_t> values_;
};

namespace detail {

// Throws unless a picture of this size is within the limits. Returns the number of its values. `name` begins the message.
std::size_t checked_image_size(std::int64_t height, std::int64_t width, std::string_view name, ErrorKind kind = ErrorKind::wrong_argument);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/image_inl.hpp"
#endif
