// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/vision/image.hpp"

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE std::size_t checked_image_size(std::int64_t height, std::int64_t width, std::string_view name, ErrorKind kind) {
  const bool within = 1 <= height && height <= Image::max_side && 1 <= width && width <= Image::max_side;
  if (!within || height * width > Image::max_pixels)
    fail(kind, name, ": found an image of ", width, "×", height, " pixels, expected sides from 1 to ", Image::max_side, " and at most ",
         Image::max_pixels, " pixels");
  return static_cast<std::size_t>(height * width * 3);
}

}  // namespace detail

TESSERA_INLINE Image::Image(int height, int width)
    : height_(height), width_(width), values_(detail::checked_image_size(height, width, "Image")) {}

TESSERA_INLINE Image::Image(std::span<const std::uint8_t> pixels, int height, int width) : height_(height), width_(width) {
  const std::size_t expected = detail::checked_image_size(height, width, "Image");
  if (pixels.size() != expected)
    detail::fail("Image: found ", pixels.size(), " values for ", width, "×", height, " RGB pixels, expected ", expected);
  values_.assign(pixels.begin(), pixels.end());
}

TESSERA_INLINE Image Image::from(std::span<const std::uint8_t> pixels, int height, int width, std::size_t stride, PixelOrder order) {
  detail::checked_image_size(height, width, "Image::from");
  const auto number = static_cast<std::size_t>(order);
  if (number > 4) detail::fail("Image::from: found pixel order number ", number, ", expected rgb, bgr, rgba, bgra or grey");
  const std::size_t bytes = order == PixelOrder::grey ? 1 : order == PixelOrder::rgba || order == PixelOrder::bgra ? 4 : 3;
  const std::size_t row_bytes = static_cast<std::size_t>(width) * bytes, gaps = static_cast<std::size_t>(height - 1);
  if (stride < row_bytes)
    detail::fail("Image::from: found a stride of ", stride, " bytes, expected at least ", row_bytes, " for a row of ", width, " pixels");
  if (pixels.size() < row_bytes || (gaps != 0 && (pixels.size() - row_bytes) / gaps < stride))
    detail::fail("Image::from: found ", pixels.size(), " bytes, too few for ", height, " rows of ", row_bytes, " that begin ", stride,
                 " bytes apart");
  const bool blue_first = order == PixelOrder::bgr || order == PixelOrder::bgra, grey = order == PixelOrder::grey;
  const std::size_t red = blue_first ? 2 : 0, green = grey ? 0 : 1, blue = blue_first || grey ? 0 : 2;
  Image image(height, width);
  std::uint8_t* out = image.data();
  for (int y = 0; y < height; ++y) {
    const std::uint8_t* in = pixels.data() + static_cast<std::size_t>(y) * stride;
    for (int x = 0; x < width; ++x, in += bytes, out += 3) {
      out[0] = in[red];
      out[1] = in[green];
      out[2] = in[blue];
    }
  }
  return image;
}

}  // namespace tessera
