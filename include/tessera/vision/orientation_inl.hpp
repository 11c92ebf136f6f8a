// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "tessera/core/finite.hpp"
#include "tessera/vision/orientation.hpp"

namespace tessera::detail {

// Numbers of either byte order in a TIFF structure. Every offset is checked by the caller.
struct TiffBytes {
  std::span<const std::byte> bytes;
  bool little;

  std::uint64_t number(std::size_t at, std::size_t size) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + (little ? size - 1 - i : i)]);
    return value;
  }
};

// A tag's first value if it is a whole number from 1 to 8, else 0. BYTE, ASCII and UNDEFINED are text to Pillow, never a number.
TESSERA_COLD_INLINE int small_tiff_value(const TiffBytes& tiff, std::uint64_t type, std::size_t at) {
  double value = 0.0;
  if (type == 3) value = static_cast<double>(tiff.number(at, 2));                                                     // SHORT
  if (type == 4 || type == 13) value = static_cast<double>(tiff.number(at, 4));                                       // LONG, IFD
  if (type == 16) value = static_cast<double>(tiff.number(at, 8));                                                    // LONG8
  if (type == 6) value = static_cast<std::int8_t>(tiff.number(at, 1));                                                // SBYTE
  if (type == 8) value = static_cast<std::int16_t>(tiff.number(at, 2));                                               // SSHORT
  if (type == 9) value = static_cast<std::int32_t>(tiff.number(at, 4));                                               // SLONG
  if (type == 11) value = static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(tiff.number(at, 4))));  // FLOAT
  if (type == 12) value = std::bit_cast<double>(tiff.number(at, 8));                                                  // DOUBLE
  if (type == 5 || type == 10) {                                                                                      // RATIONAL, SRATIONAL
    const std::uint64_t above = tiff.number(at, 4), below = tiff.number(at + 4, 4);
    if (below == 0) return 0;
    value = type == 5 ? static_cast<double>(above) / static_cast<double>(below)
                      : static_cast<double>(static_cast<std::int32_t>(above)) / static_cast<double>(static_cast<std::int32_t>(below));
  }
  if (!is_finite_bits(value) || value < 1.0 || value > 8.0) return 0;
  const int whole = static_cast<int>(value);
  return value == whole ? whole : 0;
}

TESSERA_COLD_INLINE std::optional<int> exif_orientation(std::span<const std::byte> exif) {
  constexpr std::array<std::uint8_t, 17> type_sizes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8};  // in bytes; 0 for no type
  const auto starts_with = [&exif](std::string_view text) {
    return std::string_view(reinterpret_cast<const char*>(exif.data()), exif.size()).starts_with(text);
  };
  for (int i = 0; i < 2 && starts_with(std::string_view("Exif\0\0", 6)); ++i) exif = exif.subspan(6);
  if (exif.empty()) return std::nullopt;
  const bool little = starts_with(std::string_view("II*\0", 4)) || starts_with(std::string_view("II\0*", 4));
  const bool big = starts_with(std::string_view("MM\0*", 4)) || starts_with(std::string_view("MM*\0", 4)) ||
                   starts_with(std::string_view("MM\0+", 4));  // BigTIFF by its mark, which Pillow overlooks in this byte order
  if ((!little && !big) || exif.size() < 8) return 0;

  const TiffBytes tiff{exif, little};
  const std::uint64_t directory = tiff.number(4, 4);
  if (directory + 2 > exif.size()) return std::nullopt;
  const std::uint64_t entries = tiff.number(directory, 2);
  std::uint64_t apart = 0;                  // bytes of the values that are not in the directory itself
  std::vector<std::uint8_t> read(0x10000);  // tags whose first entry is read; a second one is passed over
  for (std::size_t i = 0, entry = directory + 2; i < entries && entry + 12 <= exif.size(); ++i, entry += 12) {
    const std::uint64_t type = tiff.number(entry + 2, 2);
    const std::uint64_t size = type < type_sizes.size() ? tiff.number(entry + 4, 4) * type_sizes[type] : 0;
    const std::uint64_t tag = tiff.number(entry, 2);
    if (size == 0 || read[tag] != 0) continue;
    std::size_t at = entry + 8;
    if (size > 4) {
      apart += size;
      if (apart > exif.size()) continue;
      at = tiff.number(at, 4);
      if (at + size > exif.size()) return std::nullopt;
    }
    if (tag == 0x0112) return small_tiff_value(tiff, type, at);
    read[tag] = 1;
  }
  return std::nullopt;
}

TESSERA_COLD_INLINE std::optional<int> raw_profile_orientation(std::string_view text) {
  for (int line = 0; line < 3; ++line) text = text.substr(text.find('\n') == text.npos ? text.size() : text.find('\n') + 1);
  std::vector<std::byte> exif(text.size() / 2);
  std::size_t size = 0;
  std::size_t high = 16;  // the first of two digits, or 16 for none
  for (const char c : text) {
    if (c == '\n') continue;
    if (high == 16 && std::string_view(" \t\r\f\v").find(c) != std::string_view::npos) continue;
    const std::size_t digit = std::string_view("0123456789abcdef0123456789ABCDEF").find(c);
    if (digit == std::string_view::npos) return 0;
    if (high != 16) exif[size++] = static_cast<std::byte>(high * 16 + digit % 16);
    high = high == 16 ? digit % 16 : 16;
  }
  if (high != 16) return 0;
  return exif_orientation(std::span(exif).first(size));
}

TESSERA_COLD_INLINE std::optional<int> xmp_orientation(std::string_view xmp) {
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

TESSERA_INLINE Image upright(Image stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const bool transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const int last_column = stored.width() - 1, last_row = stored.height() - 1;

  Image seen(transposed ? stored.width() : stored.height(), transposed ? stored.height() : stored.width());
  std::uint8_t* out = seen.data();
  for (int y = 0; y < seen.height(); ++y) {
    for (int x = 0; x < seen.width(); ++x, out += 3) {
      const int column = transposed ? y : x, row = transposed ? x : y;
      const auto pixel = std::as_const(stored).pixel(from_bottom ? last_row - row : row, from_right ? last_column - column : column);
      out[0] = pixel[0];
      out[1] = pixel[1];
      out[2] = pixel[2];
    }
  }
  return seen;
}

}  // namespace tessera::detail
