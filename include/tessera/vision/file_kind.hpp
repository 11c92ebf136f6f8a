// SPDX-License-Identifier: MIT
#pragma once

// What a file is by its first bytes, for messages about files that are not read.

#include <cstddef>
#include <span>
#include <string>

#include "tessera/core/compiled.hpp"

namespace tessera::detail {

enum class ImageKind { jpeg, png, other };

// JPEG and PNG are told apart by what is in a file, not by how it is called.
ImageKind image_kind(std::span<const std::byte> file);

// "a WebP file", "an empty file", "a file that begins with the bytes 01 02 FE".
std::string describe_file(std::span<const std::byte> file);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/vision/file_kind_inl.hpp"
#endif
