// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/jpeg.hpp"
#include "tessera/vision/orientation.hpp"

namespace tessera {

namespace detail {

// libjpeg reports an error by a call that must not return. Everything between setjmp and longjmp is kept free of C++ objects that
// would need a destructor: what must be freed belongs to this object or to decode_jpeg, outside of the frames that are jumped over.
class JpegReader {
 public:
  JpegReader(std::span<const std::byte> file, bool lenient, bool truncated);
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info_); }

  const jpeg_decompress_struct& info() const { return info_; }
  // What is wrong with the file, after a step has failed.
  std::string_view message() const { return message_.data(); }
  // The damage that was passed over; empty if there was none.
  std::string_view passed_over() const { return passed_over_.data(); }

  // The steps. False means that message() says what is wrong.
  bool read_header();
  // `pixels` has room for height·width·3 values, `cmyk` for a row of four-component pixels where the file has four.
  bool read_pixels(std::uint8_t* pixels, std::uint8_t* cmyk);

  // The orientation that EXIF or XMP metadata give. Ask before read_pixels, after which libjpeg forgets the metadata.
  int orientation() const;

 private:
  // Progressive files refine the whole picture with each scan: a small file must not cost hours of work.
  static constexpr int max_scans = 500;

  static JpegReader& self(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }
  static void on_error(j_common_ptr info);
  static void on_message(j_common_ptr info, int level);
  static void on_progress(j_common_ptr info);
  static void convert_cmyk(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t width);

  std::span<const std::byte> file_;
  bool lenient_, truncated_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{}, passed_over_{};
};

TESSERA_COLD_INLINE JpegReader::JpegReader(std::span<const std::byte> file, bool lenient, bool truncated)
    : file_(file), lenient_(lenient || truncated), truncated_(truncated) {
  info_.err = jpeg_std_error(&errors_);
  info_.client_data = this;
  errors_.error_exit = on_error;
  errors_.emit_message = on_message;
  errors_.output_message = [](j_common_ptr) {};
  progress_.progress_monitor = on_progress;
}

TESSERA_COLD_INLINE void JpegReader::on_error(j_common_ptr info) {
  info->err->format_message(info, self(info).message_.data());
  std::longjmp(self(info).jump_, 1);
}

// Warnings are errors where picture data are lost.
TESSERA_COLD_INLINE void JpegReader::on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  const int code = info->err->msg_code;
  const bool file_ends = code == JWRN_JPEG_EOF;
  const bool damaged = code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC;
  // Bytes that no code needs: something was added to the file, or is missing where the codes after it happen to make sense.
  const bool left_over = code == JWRN_EXTRANEOUS_DATA;
  if (!file_ends && !damaged && !left_over) return;
  JpegReader& reader = self(info);
  if ((file_ends && !reader.truncated_) || (damaged && !reader.lenient_)) info->err->error_exit(info);
  if (reader.passed_over_[0] == '\0') info->err->format_message(info, reader.passed_over_.data());
}

TESSERA_COLD_INLINE void JpegReader::on_progress(j_common_ptr info) {
  if (self(info).info_.input_scan_number <= max_scans) return;
  std::snprintf(self(info).message_.data(), JMSG_LENGTH_MAX, "more than %d scans", max_scans);
  std::longjmp(self(info).jump_, 1);
}

TESSERA_COLD_INLINE bool JpegReader::read_header() {
  if (setjmp(jump_) != 0) return false;
  jpeg_create_decompress(&info_);
  info_.progress = &progress_;
  jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
  jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(file_.data()), static_cast<unsigned long>(file_.size()));
  jpeg_read_header(&info_, TRUE);
  return true;
}

TESSERA_INLINE bool JpegReader::read_pixels(std::uint8_t* pixels, std::uint8_t* cmyk) {
  if (setjmp(jump_) != 0) return false;
  const std::size_t width = info_.image_width;
  const bool four = info_.num_components == 4;
  info_.out_color_space = four ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info_);
  for (std::uint8_t* out = pixels; info_.output_scanline < info_.output_height; out += width * 3) {
    JSAMPROW row = four ? cmyk : out;
    jpeg_read_scanlines(&info_, &row, 1);
    if (four) convert_cmyk(cmyk, out, width);
  }
  jpeg_finish_decompress(&info_);
  return true;
}

TESSERA_COLD_INLINE int JpegReader::orientation() const {
  constexpr std::string_view exif_head("Exif\0\0", 6), xmp_head("http://ns.adobe.com/xap/1.0/\0", 29);
  // As Pillow: several EXIF segments are one that was too long for a segment, and the last XMP segment counts.
  std::vector<std::byte> exif;
  std::string_view xmp;
  for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
    std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
    if (data.starts_with(xmp_head)) xmp = data.substr(xmp_head.size());
    if (!data.starts_with(exif_head)) continue;
    const std::size_t before = exif.size();
    if (before != 0) data.remove_prefix(exif_head.size());
    exif.resize(before + data.size());
    if (!data.empty()) std::memcpy(exif.data() + before, data.data(), data.size());
  }
  if (const std::optional<int> found = exif_orientation(exif)) return *found;
  return xmp_orientation(xmp).value_or(1);
}

TESSERA_INLINE void JpegReader::convert_cmyk(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int key = cmyk[3];
    for (int c = 0; c < 3; ++c) {
      const int product = (255 - cmyk[c]) * key + 128;
      rgb[c] = static_cast<std::uint8_t>(key - (((product >> 8) + product) >> 8));
    }
  }
}

// Throws the decoder's message, with the kind of the file where the frame header tells of one that few decoders read.
[[noreturn]] TESSERA_COLD_INLINE void fail_jpeg(std::span<const std::byte> file, std::string_view name, std::string_view message) {
  const auto byte = [&file](std::size_t i) { return std::to_integer<std::size_t>(file[i]); };
  for (std::size_t at = 2; at + 5 <= file.size() && byte(at) == 0xFF;) {
    const std::size_t marker = byte(at + 1), bits = byte(at + 4);
    if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
      const std::string_view kind = (marker & 3) == 3 ? "lossless " : (marker & 7) > 4 ? "hierarchical " : "";
      if (kind.empty() && bits == 8) break;
      fail(ErrorKind::wrong_file_type, name, ": found a ", kind, "JPEG file of ", bits,
           " bits a sample, which this JPEG decoder does not read (\"", message,
           "\"), expected a baseline or progressive JPEG file of 8 bits a sample");
    }
    if (marker == 0xDA) break;
    at += 2 + byte(at + 2) * 256 + byte(at + 3);
  }
  fail_decoding(name, "JPEG", message);
}

}  // namespace detail

TESSERA_COLD_INLINE Image decode_jpeg(std::span<const std::byte> file, std::string_view name, const ImageOptions& options) {
  detail::JpegReader reader(file, options.lenient, options.truncated);
  if (!reader.read_header()) detail::fail_jpeg(file, name, reader.message());

  const jpeg_decompress_struct& info = reader.info();
  const int components = info.num_components;
  const std::int64_t height = info.image_height, width = info.image_width;
  if (components != 1 && components != 3 && components != 4)
    detail::fail(ErrorKind::wrong_file_type, name, ": found a JPEG file with ", components,
                 " components, expected 1 (grey), 3 (colour) or 4 (CMYK)");
  detail::checked_image_size(height, width, name, ErrorKind::wrong_file_type);
  // Huffman codes spend at least one bit on each 8×8 block, so that a small file cannot ask for a big allocation. Arithmetic codes may
  // spend less on an empty page, and are held to the same.
  detail::check_file_size(name, "JPEG", file.size(), static_cast<std::uint64_t>((width + 7) / 8 * ((height + 7) / 8) / 8), height, width);

  const int orientation = options.orientation == Orientation::upright ? reader.orientation() : 1;
  Image image(static_cast<int>(height), static_cast<int>(width));
  std::vector<std::uint8_t> cmyk(components == 4 ? static_cast<std::size_t>(width) * 4 : 0);
  std::string_view passed_over;
  if (reader.read_pixels(image.data(), cmyk.data())) {
    passed_over = reader.passed_over();
  } else {
    if (!options.truncated || info.output_scanline == 0) detail::fail_jpeg(file, name, reader.message());
    passed_over = reader.message();
  }
  if (!passed_over.empty()) detail::warn_of_damage(options, name, "the picture may be damaged", passed_over);
  return detail::upright(std::move(image), orientation);
}

}  // namespace tessera
