// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/vision/file_kind.hpp"
#include "tessera/vision/read_file.hpp"
#include "tessera/vision/read_image.hpp"

#if defined(TESSERA_JPEG) || !defined(TESSERA_PNG)
#include "tessera/vision/jpeg.hpp"
#endif
#if defined(TESSERA_PNG) || !defined(TESSERA_JPEG)
#include "tessera/vision/png.hpp"
#endif

namespace tessera {

namespace detail {

inline constexpr std::size_t max_image_file_size = std::size_t{512} << 20;

}  // namespace detail

TESSERA_COLD_INLINE Image decode_image(std::span<const std::byte> file, std::string_view name, const ImageOptions& options) {
  switch (detail::image_kind(file)) {
    case detail::ImageKind::jpeg:
#if defined(TESSERA_JPEG) || !defined(TESSERA_PNG)
      return decode_jpeg(file, name, options);
#else
      detail::fail(ErrorKind::wrong_file_type, name, ": found a JPEG file, but this program reads only PNG files (TESSERA_PNG)");
#endif
    case detail::ImageKind::png:
#if defined(TESSERA_PNG) || !defined(TESSERA_JPEG)
      return decode_png(file, name, options);
#else
      detail::fail(ErrorKind::wrong_file_type, name, ": found a PNG file, but this program reads only JPEG files (TESSERA_JPEG)");
#endif
    case detail::ImageKind::other:
      break;
  }
  detail::fail(ErrorKind::wrong_file_type, name, ": found ", detail::describe_file(file), ", expected a JPEG or PNG file");
}

TESSERA_COLD_INLINE Image read_image(const FilePath& path, const ImageOptions& options) {
  return decode_image(detail::read_file(path, detail::max_image_file_size, "a JPEG or PNG file"), path.text(), options);
}

}  // namespace tessera
