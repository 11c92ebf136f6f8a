// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/file_kind.hpp"
#include "tessera/vision/read_file.hpp"
#include "tessera/vision/read_image.hpp"

#ifndef TESSERA_NO_JPEG
#include "tessera/vision/jpeg.hpp"
#endif
#ifndef TESSERA_NO_PNG
#include "tessera/vision/png.hpp"
#endif

namespace tessera {

namespace detail {

inline constexpr std::size_t max_image_file_size = std::size_t{512} << 20;

}  // namespace detail

TESSERA_COLD_INLINE Image decode_image(std::span<const std::byte> file, std::string_view name, const ImageOptions& options) {
  const detail::ImageKind kind = detail::image_kind(file);
  if (kind == detail::ImageKind::jpeg) {
#ifdef TESSERA_NO_JPEG
    detail::fail(ErrorKind::wrong_file_type, name,
                 ": found a JPEG file, but this program was built without a JPEG decoder (TESSERA_NO_JPEG)");
#else
    return decode_jpeg(file, name, options);
#endif
  }
  if (kind == detail::ImageKind::png) {
#ifdef TESSERA_NO_PNG
    detail::fail(ErrorKind::wrong_file_type, name, ": found a PNG file, but this program was built without a PNG decoder (TESSERA_NO_PNG)");
#else
    return decode_png(file, name, options);
#endif
  }
  detail::fail(ErrorKind::wrong_file_type, name, ": found ", detail::describe_file(file), ", expected a JPEG or PNG file");
}

TESSERA_COLD_INLINE Image read_image(const FilePath& path, const ImageOptions& options) {
  return decode_image(detail::read_file(path, detail::max_image_file_size, "a JPEG or PNG file"), path.text(), options);
}

}  // namespace tessera
