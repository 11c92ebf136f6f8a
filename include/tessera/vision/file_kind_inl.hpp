// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

#include "tessera/core/error.hpp"
#include "tessera/vision/file_kind.hpp"

namespace tessera::detail {

struct FileSignature {
  std::size_t offset;
  std::string_view bytes;
  std::string_view kind;
};

// Files that people hand to an image reader. The first that fits counts.
inline constexpr FileSignature known_signatures[] = {
    {0, "\x89PNG\r\n\x1A\n", "a PNG file"},
    {0, "\xFF\xD8\xFF\xF7", "a JPEG-LS file"},
    {0, "\xFF\xD8\xFF", "a JPEG file"},
    {0, "GIF8", "a GIF file"},
    {8, "WEBP", "a WebP file"},
    {0, "BM", "a BMP file"},
    {0, {"II*\0", 4}, "a TIFF file"},
    {0, {"MM\0*", 4}, "a TIFF file"},
    {0, {"II+\0", 4}, "a TIFF file"},
    {0, {"MM\0+", 4}, "a TIFF file"},
    {4, "ftypavi", "an AVIF file"},
    {4, "ftyphei", "a HEIC file"},
    {4, "ftyphev", "a HEIC file"},
    {4, "ftypmif", "a HEIF file"},
    {4, "ftypmsf", "a HEIF file"},
    {4, "ftypcrx", "a raw file of a camera (CR3)"},
    {4, "ftyp", "a video file"},
    {0, {"\0\0\0\x0CjP  ", 8}, "a JPEG 2000 file"},
    {0, "\xFF\x4F\xFF\x51", "a JPEG 2000 file"},
    {0, {"\0\0\0\x0CJXL ", 8}, "a JPEG XL file"},
    {0, "\xFF\x0A", "a JPEG XL file"},
    {0, "II\xBC\x01", "a JPEG XR file"},
    {0, "8BPS", "a Photoshop file"},
    {0, {"\0\0\1\0", 4}, "an icon file (ICO)"},
    {0, {"\0\0\2\0", 4}, "a cursor file (CUR)"},
    {0, "icns", "an icon file (ICNS)"},
    {0, "DDS ", "a DDS file"},
    {0, "qoif", "a QOI file"},
    {0, "\x76\x2F\x31\x01", "an OpenEXR file"},
    {0, "#?RADIANCE", "a Radiance HDR file"},
    {0, "\x8AMNG", "an MNG file"},
    {0, "BPG\xFB", "a BPG file"},
    {0, "P1\n", "a PBM file"},
    {0, "P2\n", "a PGM file"},
    {0, "P3\n", "a PPM file"},
    {0, "P4\n", "a PBM file"},
    {0, "P5\n", "a PGM file"},
    {0, "P6\n", "a PPM file"},
    {0, "P7\n", "a PAM file"},
    {0, "%PDF", "a PDF file"},
    {0, "%!PS", "a PostScript file"},
    {0, "PK\x03\x04", "a zip archive"},
    {0, "\x1F\x8B", "a gzip file"},
    {0, "RIFF", "a RIFF file (sound or video)"},
    {0, "<", "a text file (HTML, XML or SVG)"},
};

TESSERA_COLD_INLINE const FileSignature* signature_of(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 64));
  for (const FileSignature& s : known_signatures)
    if (text.size() >= s.offset && text.substr(s.offset).starts_with(s.bytes)) return &s;
  return nullptr;
}

TESSERA_COLD_INLINE ImageKind image_kind(std::span<const std::byte> file) {
  const FileSignature* signature = signature_of(file);
  if (signature == nullptr) return ImageKind::other;
  if (signature->kind == "a PNG file") return ImageKind::png;
  return signature->kind == "a JPEG file" ? ImageKind::jpeg : ImageKind::other;
}

TESSERA_COLD_INLINE std::string describe_file(std::span<const std::byte> file) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  if (file.empty()) return "an empty file";
  if (const FileSignature* signature = signature_of(file)) {
    // The brand of the file says HEIF, which is a container of AVIF pictures as well.
    const std::string_view text(reinterpret_cast<const char*>(file.data()), std::min<std::size_t>(file.size(), 64));
    const bool avif = signature->kind == "a HEIF file" && text.find("avif") != text.npos;
    return std::string(avif ? "an AVIF file" : signature->kind);
  }
  char bytes[24];
  std::size_t size = 0;
  for (const std::byte byte : file.first(std::min<std::size_t>(file.size(), 8))) {
    bytes[size++] = ' ';
    bytes[size++] = hex[std::to_integer<std::size_t>(byte) >> 4];
    bytes[size++] = hex[std::to_integer<std::size_t>(byte) & 15];
  }
  return concat("a file that begins with the bytes", std::string_view(bytes, size));
}

}  // namespace tessera::detail
