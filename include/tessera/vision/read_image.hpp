// SPDX-License-Identifier: MIT
#pragma once

// Pictures from JPEG and PNG files, told apart by what is in them, not by how they are called.
//
// The pixels are those of Pillow's ImageOps.exif_transpose(Image.open(path)).convert("RGB"); the few differences are named in
// vision/jpeg.hpp and vision/png.hpp. Link with libjpeg and libpng, or include only the decoder that you need.

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iomanip>
#include <span>
#include <sstream>
#include <string>
#include <string_view>

#include "tessera/core/error.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/jpeg.hpp"
#include "tessera/vision/png.hpp"
#include "tessera/vision/read_file.hpp"

namespace tessera {

namespace detail {

inline constexpr std::size_t max_image_file_size = std::size_t{512} << 20;

struct Signature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view kind;
};

inline constexpr Signature jpeg_signature{0, "\xFF\xD8\xFF", "a JPEG file"};
inline constexpr Signature png_signature{0, "\x89PNG\r\n\x1A\n", "a PNG file"};

// Files that people hand to an image reader: to say what was found.
inline constexpr std::array known_signatures{
    Signature{0, "GIF8", "a GIF file"},
    Signature{8, "WEBP", "a WebP file"},
    Signature{0, "BM", "a BMP file"},
    Signature{0, std::string_view("II*\0", 4), "a TIFF file"},
    Signature{0, std::string_view("MM\0*", 4), "a TIFF file"},
    Signature{4, "ftyphei", "a HEIC file"},
    Signature{4, "ftypmif1", "a HEIF file"},
    Signature{4, "ftypavif", "an AVIF file"},
    Signature{4, "ftyp", "a video file"},
    Signature{0, std::string_view("\0\0\0\x0CjP  ", 8), "a JPEG 2000 file"},
    Signature{0, std::string_view("\0\0\0\x0CJXL ", 8), "a JPEG XL file"},
    Signature{0, "\xFF\x0A", "a JPEG XL file"},
    Signature{0, "%PDF", "a PDF file"},
    Signature{0, "PK\x03\x04", "a zip archive"},
    Signature{0, "<", "a text file (HTML, XML or SVG)"},
};

inline bool has_signature(std::string_view file, const Signature& s) {
  return file.size() >= s.offset && file.substr(s.offset).starts_with(s.bytes);
}

inline std::string describe_file(std::string_view file) {
  if (file.empty()) return "an empty file";
  for (const Signature& s : known_signatures)
    if (has_signature(file, s)) return std::string(s.kind);
  std::ostringstream out;
  out << "a file that begins with the bytes" << std::hex << std::uppercase << std::setfill('0');
  for (const char c : file.substr(0, 8)) out << ' ' << std::setw(2) << int{static_cast<unsigned char>(c)};
  return std::move(out).str();
}

}  // namespace detail

// The picture in a file that is already in memory. `name` is what error messages call it.
inline Image decode_image(std::span<const std::byte> file, std::string_view name) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (detail::has_signature(text, detail::jpeg_signature)) return decode_jpeg(file, name);
  if (detail::has_signature(text, detail::png_signature)) return decode_png(file, name);
  detail::fail(name, ": found ", detail::describe_file(text), ", expected a JPEG or PNG file");
}

inline Image read_image(const std::filesystem::path& path) {
  return decode_image(detail::read_file(path, detail::max_image_file_size, "a JPEG or PNG file"), path.string());
}

}  // namespace tessera
