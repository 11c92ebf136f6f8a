// SPDX-License-Identifier: MIT
#pragma once

// Pictures from JPEG and PNG files, told apart by what is in them, not by how they are called.
//
// The pixels are those of Pillow 13's ImageOps.exif_transpose(Image.open(path)).convert("RGB"); the few differences are named in
// vision/jpeg.hpp, vision/png.hpp and docs/images.md.
//
// Link with libjpeg and libpng. A program that has only one of them defines TESSERA_JPEG or TESSERA_PNG in all of its translation units, as
// the CMake targets tessera::jpeg and tessera::png do; files of the other kind are then refused. With both defined, or none, both are read.

#include <cstddef>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/image_options.hpp"

namespace tessera {

// The picture in a file. Throws Error with the file's name if there is no such file, it is of another kind, or damaged.
//
//     read_image("photo.jpg")
//     read_image("photo.jpg", {.orientation = Orientation::as_stored})
Image read_image(const FilePath& path, const ImageOptions& options = {});

// The picture in a file that is already in memory. `name` begins the messages of errors.
Image decode_image(std::span<const std::byte> file, std::string_view name, const ImageOptions& options = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/read_image_inl.hpp"
#endif
