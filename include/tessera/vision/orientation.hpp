// SPDX-License-Identifier: MIT
#pragma once

// Which way up a camera was held: the orientation in EXIF and XMP metadata, and turning the picture accordingly.
//
//     1 as stored          2 mirrored left-right    3 turned by 180°      4 mirrored top-bottom
//     5 transposed         6 turned clockwise       7 transversed         8 turned anticlockwise
//
// Source: EXIF 2.32, 4.6.4 A (tag 0x0112 of IFD0, a TIFF structure of either byte order), and Pillow 13.0.0's Image.getexif and
// ImageOps.exif_transpose, which forgive more. Where Pillow stops with an error because the metadata make no sense, the picture is
// read all the same, because its pixels are good.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"

namespace tessera::detail {

// The orientation in EXIF data, with "Exif\0\0" before them up to twice: 1 to 8, or 0 for a value without a meaning or data that are not
// EXIF. Nothing if there is no orientation, so that XMP decides.
std::optional<int> exif_orientation(std::span<const std::byte> exif);

// The same for EXIF data as ImageMagick writes them into a text of a PNG file: "\nexif\n", the decimal size, "\n", then hexadecimal digits
// in lines.
std::optional<int> raw_profile_orientation(std::string_view text);

// The same for an XMP packet, where it is an attribute (tiff:Orientation="6") or an element (<tiff:Orientation>6<).
std::optional<int> xmp_orientation(std::string_view xmp);

// The picture as it was seen. `orientation` is what it was stored with; values other than 2 to 8 leave the picture as it is.
Image upright(Image stored, int orientation);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/vision/orientation_inl.hpp"
#endif
