// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include <png.h>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/orientation.hpp"
#include "tessera/vision/png.hpp"

namespace tessera {

namespace detail {

// What a walk over the chunks of a PNG file finds.
struct PngChunks {
  std::size_t whole = 0;            // bytes from the beginning of the file to the end of its last whole chunk
  bool has_end = false;             // the last of them is IEND
  bool has_pixels = false;          // one of them is IDAT
  bool cut = false;                 // a chunk follows them whose end is missing
  bool cut_pixels = false;          // which is IDAT
  std::size_t cut_length = 0;       // as its head says
  std::span<const std::byte> exif;  // the data of the last eXIf chunk; libpng drops those that do not begin with a byte order
  bool has_exif = false;
};

// libpng makes room for a chunk of whatever length its head says before reading it. Here lengths are compared with what is left of the
// file.
TESSERA_COLD_INLINE PngChunks walk_png_chunks(std::span<const std::byte> file) {
  constexpr std::size_t signature = 8, head = 8, checksum = 4;  // bytes; a chunk's head is its length and kind
  PngChunks found;
  found.whole = signature;
  if (file.size() < signature || png_sig_cmp(reinterpret_cast<png_const_bytep>(file.data()), 0, signature) != 0) {
    found.whole = file.size();  // libpng says what is wrong
    return found;
  }
  while (!found.has_end && found.whole + head <= file.size()) {
    const std::span<const std::byte> rest = file.subspan(found.whole);
    const auto byte = [rest](std::size_t i) { return std::to_integer<std::size_t>(rest[i]); };
    const std::string_view kind(reinterpret_cast<const char*>(rest.data()) + 4, 4);
    const std::size_t length = byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
    if (rest.size() < head + checksum || length > rest.size() - head - checksum) {
      found.cut = true;
      found.cut_length = length;
      found.cut_pixels = kind == "IDAT";
      return found;
    }
    if (kind == "IDAT") found.has_pixels = true;
    if (kind == "IEND") found.has_end = true;
    if (kind == "eXIf") {
      found.has_exif = true;
      found.exif = rest.subspan(head, length);
    }
    found.whole += head + length + checksum;
  }
  return found;
}

// The bytes that libpng is given, in this order: those of the file, with something else in place of what is missing.
using PngParts = std::array<std::span<const std::byte>, 4>;

// libpng reports an error by a call that must not return: see JpegReader.
class PngReader {
 public:
  // Reads the parts one after another.
  PngReader(const PngParts& parts, bool lenient);
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // What is wrong with the file, after a step has failed.
  std::string_view message() const { return message_.data(); }
  // The damage that was passed over; empty if there was none.
  std::string_view passed_over() const { return passed_over_.data(); }
  std::int64_t height() const { return png_get_image_height(png_, info_); }
  std::int64_t width() const { return png_get_image_width(png_, info_); }
  int bits_per_pixel() const { return png_get_bit_depth(png_, info_) * png_get_channels(png_, info_); }
  bool is_grey16() const { return png_get_color_type(png_, info_) == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) == 16; }

  // The steps. False means that message() says what is wrong.
  bool read_header();
  // `pixels` has room for height·width·3 values. With `two_bytes`, for files that are is_grey16() only, each row begins with two bytes for
  // each pixel, the high one first; widen_clipped goes on from there.
  bool read_pixels(std::uint8_t* pixels, bool two_bytes);
  // What follows the pixels.
  bool read_end();

  // The number of rows that read_pixels has read, of the first pass in interlaced files.
  std::int64_t rows_read() const { return rows_read_; }
  // The orientation that texts give: EXIF data written by ImageMagick, or XMP. Texts may follow the pixels: ask after read_end.
  std::optional<int> raw_profile() const;
  std::optional<int> xmp() const;

 private:
  static constexpr std::size_t message_size = 128;
  static constexpr std::size_t most_unpacked_metadata = std::size_t{1} << 20;
  static constexpr png_uint_32 most_texts = 64;

  static PngReader& self(png_voidp pointer) { return *static_cast<PngReader*>(pointer); }
  static void on_error(png_structp png, png_const_charp message);
  static void on_warning(png_structp png, png_const_charp message);
  static void read(png_structp png, png_bytep out, std::size_t size);

  void start_rows(bool two_bytes);
  void read_rows(std::uint8_t* pixels);
  // The last text of that name; null if there is none.
  const char* text(std::string_view key) const;

  PngParts parts_;
  bool lenient_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  int passes_ = 1;
  std::int64_t rows_read_ = 0;
  std::array<char, message_size> message_{}, passed_over_{};
};

TESSERA_COLD_INLINE PngReader::PngReader(const PngParts& parts, bool lenient) : parts_(parts), lenient_(lenient) {
  png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
  if (png_ != nullptr) info_ = png_create_info_struct(png_);
}

TESSERA_COLD_INLINE void PngReader::on_error(png_structp png, png_const_charp message) {
  std::snprintf(self(png_get_error_ptr(png)).message_.data(), message_size, "%s", message);
  png_longjmp(png, 1);
}

// A wrong checksum of the pixels is a warning in lenient mode, of the header and the palette never.
TESSERA_COLD_INLINE void PngReader::on_warning(png_structp png, png_const_charp message) {
  PngReader& reader = self(png_get_error_ptr(png));
  const std::string_view text = message;
  if (text.ends_with("CRC error") && (text.starts_with("IHDR") || text.starts_with("PLTE"))) on_error(png, message);
  if (text.ends_with("CRC error") && text.starts_with("IDAT")) std::snprintf(reader.passed_over_.data(), message_size, "%s", message);
}

TESSERA_COLD_INLINE void PngReader::read(png_structp png, png_bytep out, std::size_t size) {
  for (std::span<const std::byte>& part : self(png_get_io_ptr(png)).parts_) {
    const std::size_t here = std::min(size, part.size());
    if (here == 0) continue;
    std::memcpy(out, part.data(), here);
    part = part.subspan(here);
    out += here;
    size -= here;
  }
  if (size != 0) png_error(png, "premature end of file");
}

TESSERA_COLD_INLINE bool PngReader::read_header() {
  if (info_ == nullptr) {
    std::snprintf(message_.data(), message_size, "a libpng other than %s", PNG_LIBPNG_VER_STRING);
    return false;
  }
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // decode_png checks the size and says so
  png_set_chunk_malloc_max(png_, most_unpacked_metadata);
  png_set_chunk_cache_max(png_, most_texts);
  if (lenient_) png_set_crc_action(png_, PNG_CRC_WARN_USE, PNG_CRC_DEFAULT);
  png_set_read_fn(png_, this, read);
  png_read_info(png_, info_);
  return true;
}

TESSERA_COLD_INLINE void PngReader::start_rows(bool two_bytes) {
  if (!two_bytes) {
    png_set_strip_16(png_);
    png_set_palette_to_rgb(png_);
    png_set_expand_gray_1_2_4_to_8(png_);
    png_set_gray_to_rgb(png_);
  }
  png_set_strip_alpha(png_);
  passes_ = png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  if (png_get_rowbytes(png_, info_) != png_get_image_width(png_, info_) * std::size_t{two_bytes ? 2U : 3U})
    png_error(png_, "an unknown kind of pixel");
}

TESSERA_COLD_INLINE void PngReader::read_rows(std::uint8_t* pixels) {
  const std::size_t stride = png_get_image_width(png_, info_) * std::size_t{3};
  const png_uint_32 rows = png_get_image_height(png_, info_);
  for (int pass = 0; pass < passes_; ++pass) {
    for (png_uint_32 y = 0; y < rows; ++y) {
      png_read_row(png_, pixels + y * stride, nullptr);
      if (pass == 0) rows_read_ = y + 1;
    }
  }
}

TESSERA_COLD_INLINE bool PngReader::read_pixels(std::uint8_t* pixels, bool two_bytes) {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  start_rows(two_bytes);
  read_rows(pixels);
  return true;
}

TESSERA_COLD_INLINE bool PngReader::read_end() {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_read_end(png_, info_);
  return true;
}

TESSERA_COLD_INLINE const char* PngReader::text(std::string_view key) const {
  png_textp texts = nullptr;
  int count = 0;
  png_get_text(png_, info_, &texts, &count);
  const char* found = nullptr;
  for (const png_text& text : std::span(texts, static_cast<std::size_t>(count)))
    if (text.key == key && text.text != nullptr) found = text.text;
  return found;
}

TESSERA_COLD_INLINE std::optional<int> PngReader::raw_profile() const {
  const char* found = text("Raw profile type exif");
  return found != nullptr ? raw_profile_orientation(found) : std::nullopt;
}

TESSERA_COLD_INLINE std::optional<int> PngReader::xmp() const {
  const char* found = text("XML:com.adobe.xmp");
  return found != nullptr ? xmp_orientation(found) : std::nullopt;
}

// Makes RGB pixels of rows that begin with two bytes for each pixel: values beyond 255 become 255. From right to left, the three bytes of a
// pixel overwrite nothing that is still to be read.
TESSERA_INLINE void widen_clipped(Image& image) {
  for (int y = 0; y < image.height(); ++y) {
    std::uint8_t* row = image.row(y);
    for (int x = image.width() - 1; x >= 0; --x) {
      const std::uint8_t value = row[2 * x] != 0 ? std::uint8_t{255} : row[2 * x + 1];
      row[3 * x] = row[3 * x + 1] = row[3 * x + 2] = value;
    }
  }
}

}  // namespace detail

TESSERA_COLD_INLINE Image decode_png(std::span<const std::byte> file, std::string_view name, const ImageOptions& options) {
  // A checksum, which is not looked at in lenient mode, and the last chunk.
  constexpr std::array<unsigned char, 16> checksum_and_end{0, 0, 0, 0, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};
  const std::span<const std::byte> end = std::as_bytes(std::span(checksum_and_end));
  const bool lenient = options.lenient || options.truncated;
  const detail::PngChunks chunks = detail::walk_png_chunks(file);
  const std::span<const std::byte> rest = file.subspan(chunks.whole);
  detail::PngParts parts{file.first(chunks.whole)};
  std::array<unsigned char, 8> head{0, 0, 0, 0, 'I', 'D', 'A', 'T'};
  if (chunks.cut_pixels && lenient) {
    // The chunk is said to be as long as what is left of it.
    for (std::size_t i = 0; i < 4; ++i) head[i] = static_cast<unsigned char>((rest.size() - 8) >> (24 - 8 * i) & 255);
    parts[1] = std::as_bytes(std::span(head));
    parts[2] = rest.subspan(8);
    parts[3] = end;
  } else if (chunks.cut && (chunks.cut_pixels || !chunks.has_pixels)) {
    detail::fail(ErrorKind::damaged, name, ": found a PNG chunk of ", chunks.cut_length, " bytes at byte ", chunks.whole,
                 ", expected at most the ", rest.size() - std::min(rest.size(), std::size_t{12}), " that are left of the file");
  } else if (!chunks.has_end && chunks.has_pixels) {
    parts[3] = end.subspan(4);
  }

  detail::PngReader reader(parts, lenient);
  if (!reader.read_header()) detail::fail_decoding(name, "PNG", reader.message());
  const std::int64_t height = reader.height(), width = reader.width();
  detail::checked_image_size(height, width, name, ErrorKind::wrong_file_type);
  // Deflate packs at most 1032 to 1, so that a small file cannot ask for a big allocation.
  const auto packed = static_cast<std::uint64_t>((width * reader.bits_per_pixel() + 7) / 8 * height / 1032);
  detail::check_file_size(name, "PNG", file.size(), packed, height, width);

  Image image(static_cast<int>(height), static_cast<int>(width));
  const bool clipped = options.grey16 == Grey16::clipped && reader.is_grey16();
  const bool complete = reader.read_pixels(image.data(), clipped);
  if (!complete && (!options.truncated || reader.rows_read() == 0)) detail::fail_decoding(name, "PNG", reader.message());
  if (clipped) detail::widen_clipped(image);
  const bool ended = complete && reader.read_end();
  if (complete && !ended && !lenient) detail::fail_decoding(name, "PNG", reader.message());

  if (!complete) {
    detail::warn_of_damage(options, name, "part of the picture is missing", reader.message());
  } else if (!reader.passed_over().empty()) {
    detail::warn_of_damage(options, name, "the picture may be damaged", reader.passed_over());
  } else if (!ended) {
    detail::warn_of_damage(options, name, "the file is damaged after its pixels", reader.message());
  } else if (!chunks.has_end) {
    detail::warn_of_damage(options, name, "the file ends without its IEND chunk; the picture is complete", {});
  }
  if (options.orientation == Orientation::as_stored) return image;
  std::optional<int> orientation = chunks.has_exif ? detail::exif_orientation(chunks.exif) : reader.raw_profile();
  if (!orientation) orientation = reader.xmp();
  return detail::upright(std::move(image), orientation.value_or(1));
}

}  // namespace tessera
