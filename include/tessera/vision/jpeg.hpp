// SPDX-License-Identifier: MIT
#pragma once

// JPEG files to RGB pixels through libjpeg or libjpeg-turbo, with the decoder settings and colour conversions of Pillow: accurate integer
// DCT, smooth upsampling of colour, EXIF orientation applied. Link with libjpeg.
//
// Files of four components hold inverted CMYK, as Adobe writes them and Pillow takes for granted. With C, M, Y, K as stored:
//     red = K - round((255 - C)·K / 255)        green and blue likewise from M and Y
// No colour profile is applied. Lossless files and those of 12 bits are refused, unless libjpeg reads them.

#include <cstddef>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/image_options.hpp"

namespace tessera {

// The picture in a JPEG file that is already in memory. Throws Error, which begins with `name`, if the file is no JPEG file, or damaged
// beyond what the options allow.
Image decode_jpeg(std::span<const std::byte> file, std::string_view name, const ImageOptions& options = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/jpeg_inl.hpp"
#endif
