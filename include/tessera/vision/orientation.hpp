// SPDX-License-Identifier: MIT
#pragma once

// Which way up a camera was held: the orientation tag that EXIF and XMP metadata carry, and turning the picture accordingly.
//
//     1 as stored          2 mirrored left-right    3 turned by 180°      4 mirrored top-bottom
//     5 transposed         6 turned clockwise       7 transversed         8 turned anticlockwise
//
// EXIF 2.32, 4.6.4 A (tag 0x0112 of IFD0, a TIFF structure of either byte order). As Pillow's ImageOps.exif_transpose: an EXIF
// tag goes before XMP's tiff:Orientation, and metadata that makes no sense are ignored, for the picture is still good.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "tessera/vision/image.hpp"

namespace tessera::detail {

// The tag's value in a TIFF structure (what follows "Exif\0\0" in a JPEG file; the whole eXIf chunk of a PNG file), if it has one.
inline std::optional<int> exif_orientation(std::span<const std::byte> tiff) {
  constexpr std::uint32_t orientation_tag = 0x0112, type_short = 3, type_long = 4;
  if (tiff.size() < 8) return std::nullopt;
  const bool little = tiff[0] == std::byte{'I'} && tiff[1] == std::byte{'I'};
  const bool big = tiff[0] == std::byte{'M'} && tiff[1] == std::byte{'M'};
  if (!little && !big) return std::nullopt;

  const auto number = [&](std::size_t at, std::size_t bytes) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | std::to_integer<std::uint32_t>(tiff[at + (little ? bytes - 1 - i : i)]);
    return value;
  };
  if (number(2, 2) != 42) return std::nullopt;
  const std::size_t directory = number(4, 4);
  if (directory > tiff.size() - 2) return std::nullopt;
  const std::size_t entries = number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + i * 12;
    if (entry + 12 > tiff.size()) return std::nullopt;
    if (number(entry, 2) != orientation_tag) continue;
    const std::uint32_t type = number(entry + 2, 2);
    if (number(entry + 4, 4) != 1 || (type != type_short && type != type_long)) return std::nullopt;
    const std::uint32_t value = number(entry + 8, type == type_short ? 2 : 4);
    return value <= 8 ? static_cast<int>(value) : 0;
  }
  return std::nullopt;
}

// The same from an XMP packet, where it is an attribute (tiff:Orientation="6") or an element (<tiff:Orientation>6<).
inline std::optional<int> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view tag = "tiff:Orientation";
  for (std::size_t at = xmp.find(tag); at != xmp.npos; at = xmp.find(tag, at + 1)) {
    std::string_view rest = xmp.substr(at + tag.size());
    if (rest.starts_with("=\"")) {
      rest.remove_prefix(2);
    } else if (rest.starts_with('>')) {
      rest.remove_prefix(1);
    } else {
      continue;
    }
    if (!rest.empty() && '0' <= rest.front() && rest.front() <= '9') return rest.front() - '0';
  }
  return std::nullopt;
}

// The picture as it was seen, given the orientation that it was stored with. Values other than 2 to 8 leave it as it is.
inline Image upright(Image stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const bool transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int last_column = stored.width() - 1, last_row = stored.height() - 1;

  Image seen(transposed ? stored.height() : stored.width(), transposed ? stored.width() : stored.height());
  std::uint8_t* out = seen.data();
  for (int y = 0; y < seen.height(); ++y) {
    for (int x = 0; x < seen.width(); ++x) {
      const int column = transposed ? y : x, row = transposed ? x : y;
      for (const std::uint8_t value :
           std::as_const(stored).pixel(from_right ? last_column - column : column, from_bottom ? last_row - row : row))
        *out++ = value;
    }
  }
  return seen;
}

}  // namespace tessera::detail
