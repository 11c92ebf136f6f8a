// SPDX-License-Identifier: MIT
#pragma once

// PNG files to RGB pixels through libpng, every colour type and depth, interlaced or not. Link with libpng.
//
// As Pillow's convert("RGB"): transparency is dropped (not blended), gamma and colour profiles are not applied, 16-bit samples keep
// their high byte, an orientation in the metadata is applied. One difference: Pillow clips 16-bit grey at 255, which leaves such a
// picture white; here grey keeps its high byte like every other kind. A wrong checksum in the picture data is an error.

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <png.h>

#include "tessera/core/error.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/orientation.hpp"

namespace tessera {

namespace detail {

// libpng reports an error by a call that must not return: see JpegReader.
class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> file) : rest_(file) {
    const auto on_error = [](png_structp png, png_const_charp message) {
      std::snprintf(self(png_get_error_ptr(png)).message_.data(), message_size, "%s", message);
      png_longjmp(png, 1);
    };
    const auto on_warning = [](png_structp, png_const_charp) {};
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  std::string_view message() const { return message_.data(); }
  std::int64_t width() const { return png_get_image_width(png_, info_); }
  std::int64_t height() const { return png_get_image_height(png_, info_); }
  int bits_per_pixel() const { return png_get_bit_depth(png_, info_) * png_get_channels(png_, info_); }

  // False means that message() says what is wrong.
  bool read_header() {
    if (info_ == nullptr) {
      std::snprintf(message_.data(), message_size, "a libpng other than %s", PNG_LIBPNG_VER_STRING);
      return false;
    }
    return attempt([this] {
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // decode_png checks the size and says so
      png_set_chunk_malloc_max(png_, most_unpacked_metadata);
      png_set_chunk_cache_max(png_, most_texts);
      png_set_read_fn(png_, this, [](png_structp png, png_bytep out, std::size_t size) {
        auto& rest = self(png_get_io_ptr(png)).rest_;
        if (size > rest.size()) png_error(png, "premature end of file");
        std::memcpy(out, rest.data(), size);
        rest = rest.subspan(size);
      });
      png_read_info(png_, info_);
    });
  }

  // `pixels` has room for height·width·3 values.
  bool read_pixels(std::uint8_t* pixels) {
    return attempt([this, pixels] {
      png_set_strip_16(png_);
      png_set_palette_to_rgb(png_);
      png_set_expand_gray_1_2_4_to_8(png_);
      png_set_gray_to_rgb(png_);
      png_set_strip_alpha(png_);
      const int passes = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
      const std::size_t stride = png_get_image_width(png_, info_) * std::size_t{3};
      if (png_get_rowbytes(png_, info_) != stride) png_error(png_, "an unknown kind of pixel");
      const png_uint_32 rows = png_get_image_height(png_, info_);
      for (int pass = 0; pass < passes; ++pass)
        for (png_uint_32 y = 0; y < rows; ++y) png_read_row(png_, pixels + y * stride, nullptr);
      png_read_end(png_, info_);
    });
  }

  // Metadata may follow the pixels: ask after read_pixels.
  int orientation() const {
    std::optional<int> exif, xmp;
    png_uint_32 size = 0;
    png_bytep chunk = nullptr;
    if (png_get_eXIf_1(png_, info_, &size, &chunk) != 0) exif = exif_orientation(std::as_bytes(std::span(chunk, size)));
    png_textp texts = nullptr;
    int count = 0;
    png_get_text(png_, info_, &texts, &count);
    for (const png_text& text : std::span(texts, static_cast<std::size_t>(count))) {
      if (text.text == nullptr) continue;
      const std::string_view key = text.key;
      if (!xmp && key == "XML:com.adobe.xmp") xmp = xmp_orientation(text.text);
      if (chunk == nullptr && !exif && key == "Raw profile type exif") exif = raw_profile_orientation(text.text);
    }
    return exif ? *exif : xmp.value_or(1);
  }

 private:
  static constexpr std::size_t message_size = 128;
  static constexpr std::size_t most_unpacked_metadata = std::size_t{1} << 20;
  static constexpr png_uint_32 most_texts = 64;

  static PngReader& self(png_voidp pointer) { return *static_cast<PngReader*>(pointer); }

  // How ImageMagick stores EXIF: "\nexif\n", the decimal size, "\n", then hexadecimal digits in lines.
  static std::optional<int> raw_profile_orientation(std::string_view text) {
    for (int line = 0; line < 3; ++line) {
      const std::size_t end = text.find('\n');
      if (end == text.npos) return std::nullopt;
      text.remove_prefix(end + 1);
    }
    std::vector<std::byte> exif;
    int high = -1;
    for (const char c : text) {
      const std::size_t digit = std::string_view("0123456789abcdef0123456789ABCDEF").find(c);
      if (digit == std::string_view::npos) continue;
      const int nibble = static_cast<int>(digit % 16);
      if (high >= 0) exif.push_back(static_cast<std::byte>(high * 16 + nibble));
      high = high >= 0 ? -1 : nibble;
    }
    constexpr std::string_view head("Exif\0\0", 6);
    const std::span<const std::byte> bytes = exif;
    const bool has_head = bytes.size() >= head.size() && std::memcmp(bytes.data(), head.data(), head.size()) == 0;
    return exif_orientation(has_head ? bytes.subspan(head.size()) : bytes);
  }

  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    step();
    return true;
  }

  std::span<const std::byte> rest_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::array<char, message_size> message_{};
};

// libpng makes room for a chunk of whatever length the file gives, before it reads it: here it is compared with what is left of the file.
inline void check_png_chunks(std::span<const std::byte> file, std::string_view name) {
  constexpr std::size_t signature = 8, head = 8, checksum = 4;  // bytes; a chunk's head is its length and kind
  if (file.size() < signature || png_sig_cmp(reinterpret_cast<png_const_bytep>(file.data()), 0, signature) != 0) return;  // libpng says so
  for (std::size_t at = signature; at + head <= file.size();) {
    const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(file[at + i]); };
    const std::size_t length = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    const std::size_t left = file.size() - std::min(file.size(), at + head + checksum);
    if (length > left)
      fail(name, ": found a PNG chunk of ", length, " bytes at byte ", at, ", expected at most the ", left, " that are left of the file");
    if (std::memcmp(file.data() + at + 4, "IEND", 4) == 0) return;
    at += head + length + checksum;
  }
}

}  // namespace detail

// The picture in a PNG file that is already in memory, upright. `name` is what error messages call it.
inline Image decode_png(std::span<const std::byte> file, std::string_view name) {
  detail::check_png_chunks(file, name);
  detail::PngReader reader(file);
  const auto broken = [&] {
    detail::fail(name, ": the PNG decoder found \"", reader.message(), "\", expected a complete, undamaged PNG file");
  };
  if (!reader.read_header()) broken();

  detail::checked_image_size(reader.width(), reader.height(), name);
  // Deflate packs at most 1032 to 1, so that a small file cannot ask for a big allocation.
  const std::int64_t row_bytes = (reader.width() * reader.bits_per_pixel() + 7) / 8;
  if (row_bytes * reader.height() / 1032 > static_cast<std::int64_t>(file.size()))
    detail::fail(name, ": found ", file.size(), " bytes, too few for a PNG image of ", reader.width(), "×", reader.height(), " pixels");

  Image image(static_cast<int>(reader.width()), static_cast<int>(reader.height()));
  if (!reader.read_pixels(image.data())) broken();
  return detail::upright(std::move(image), reader.orientation());
}

}  // namespace tessera
