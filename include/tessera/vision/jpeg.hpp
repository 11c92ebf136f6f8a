// SPDX-License-Identifier: MIT
#pragma once

// JPEG files to RGB pixels through libjpeg(-turbo), with the decoder settings and colour conversions of Pillow:
// accurate integer DCT, smooth chroma upsampling, EXIF orientation applied. Link with libjpeg.
//
// Four-component files hold inverted CMYK (Adobe's convention, taken for granted as Pillow does); with C, M, Y, K as stored:
//     red = K - round((255 - C)·K / 255)        green and blue likewise from M and Y
// No colour profile is applied. Lost picture data (a cut file, a damaged code) are an error here; Pillow shows some of them grey.

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include <jerror.h>

#include "tessera/core/error.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/orientation.hpp"

namespace tessera {

namespace detail {

// libjpeg reports an error by a call that must not return. Everything between setjmp and longjmp is kept free of C++ objects that
// would need a destructor: what must be freed belongs to this object or to decode_jpeg, outside of the frames jumped over.
class JpegReader {
 public:
  explicit JpegReader(std::span<const std::byte> file) : file_(file) {
    info_.err = jpeg_std_error(&errors_);
    info_.client_data = this;
    errors_.error_exit = [](j_common_ptr info) {
      info->err->format_message(info, self(info).message_.data());
      std::longjmp(self(info).jump_, 1);
    };
    errors_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && loses_picture_data(info->err->msg_code)) info->err->error_exit(info);
    };
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = [](j_common_ptr info) {
      if (self(info).info_.input_scan_number <= max_scans) return;
      std::snprintf(self(info).message_.data(), JMSG_LENGTH_MAX, "more than %d scans", max_scans);
      std::longjmp(self(info).jump_, 1);
    };
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info_); }

  const jpeg_decompress_struct& info() const { return info_; }
  std::string_view message() const { return message_.data(); }

  // False means that message() says what is wrong.
  bool read_header() {
    return attempt([this] {
      jpeg_create_decompress(&info_);
      info_.progress = &progress_;
      jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(file_.data()), static_cast<unsigned long>(file_.size()));
      jpeg_read_header(&info_, TRUE);
    });
  }

  // `pixels` has room for height·width·3 values, `cmyk` for a row of four-component pixels where the file has four.
  bool read_pixels(std::uint8_t* pixels, std::uint8_t* cmyk) {
    return attempt([this, pixels, cmyk] {
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
    });
  }

  // Ask before read_pixels, after which libjpeg forgets the markers.
  int orientation() const {
    constexpr std::string_view exif_head("Exif\0\0", 6), xmp_head("http://ns.adobe.com/xap/1.0/\0", 29);
    std::optional<int> exif, xmp;
    for (const jpeg_marker_struct* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (!exif && data.starts_with(exif_head)) exif = exif_orientation(std::as_bytes(std::span(data.substr(exif_head.size()))));
      if (!xmp && data.starts_with(xmp_head)) xmp = xmp_orientation(data.substr(xmp_head.size()));
    }
    return exif ? *exif : xmp.value_or(1);
  }

 private:
  // Progressive files refine the whole picture once a scan: a small file must not buy hours of work.
  static constexpr int max_scans = 500;

  static JpegReader& self(j_common_ptr info) { return *static_cast<JpegReader*>(info->client_data); }

  static bool loses_picture_data(int code) {
    return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_ARITH_BAD_CODE ||
           code == JWRN_MUST_RESYNC;
  }

  static void convert_cmyk(const std::uint8_t* cmyk, std::uint8_t* rgb, std::size_t width) {
    for (std::size_t x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
      const int key = cmyk[3];
      for (int c = 0; c < 3; ++c) {
        const int product = (255 - cmyk[c]) * key + 128;
        rgb[c] = static_cast<std::uint8_t>(key - (((product >> 8) + product) >> 8));
      }
    }
  }

  template <class Step>
  bool attempt(const Step& step) {
    if (setjmp(jump_) != 0) return false;
    step();
    return true;
  }

  std::span<const std::byte> file_;
  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
  std::jmp_buf jump_{};
  std::array<char, JMSG_LENGTH_MAX> message_{};
};

}  // namespace detail

// The picture in a JPEG file that is already in memory, upright. `name` is what error messages call it.
inline Image decode_jpeg(std::span<const std::byte> file, std::string_view name) {
  detail::JpegReader reader(file);
  const auto broken = [&] {
    detail::fail(name, ": the JPEG decoder found \"", reader.message(), "\", expected a complete, undamaged JPEG file");
  };
  if (!reader.read_header()) broken();

  const jpeg_decompress_struct& info = reader.info();
  const int components = info.num_components;
  if (components != 1 && components != 3 && components != 4)
    detail::fail(name, ": found a JPEG file with ", components, " components, expected 1 (grey), 3 (colour) or 4 (CMYK)");
  detail::checked_image_size(info.image_width, info.image_height, name);
  // Huffman codes spend at least one bit on each 8×8 block, so that a small file cannot ask for a big allocation. Arithmetic codes may
  // spend less on an empty page, and are held to the same.
  const std::uint64_t blocks = std::uint64_t{(info.image_width + 7) / 8} * ((info.image_height + 7) / 8);
  if (blocks / 8 > file.size())
    detail::fail(name, ": found ", file.size(), " bytes, too few for a JPEG image of ", info.image_width, "×", info.image_height,
                 " pixels, expected at least ", blocks / 8, ", one bit for each block of 8×8");

  const int orientation = reader.orientation();
  Image image(static_cast<int>(info.image_width), static_cast<int>(info.image_height));
  std::vector<std::uint8_t> cmyk(components == 4 ? std::size_t{info.image_width} * 4 : 0);
  if (!reader.read_pixels(image.data(), cmyk.data())) broken();
  return detail::upright(std::move(image), orientation);
}

}  // namespace tessera
