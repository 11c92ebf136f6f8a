// SPDX-License-Identifier: MIT
#pragma once

// PNG files to RGB pixels through libpng, every colour type and depth, interlaced or not. Link with libpng.
//
// As Pillow's convert("RGB"): transparency is dropped, not blended; gamma and colour profiles are not applied; 16-bit samples keep their
// high byte; an orientation in the metadata is applied. One difference: Pillow clips 16-bit grey at 255, which makes such a picture nearly
// white; here grey keeps its high byte like every other kind, unless ImageOptions::grey16 asks for Pillow's way.
//
// A file that ends after its pixels, without the IEND chunk, is complete as far as the picture goes, and is read.

#include <cstddef>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/image_options.hpp"

namespace tessera {

// The picture in a PNG file that is already in memory. Throws Error, which begins with `name`, if the file is no PNG file, or damaged
// beyond what the options allow.
Image decode_png(std::span<const std::byte> file, std::string_view name, const ImageOptions& options = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/png_inl.hpp"
#endif
