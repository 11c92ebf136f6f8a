// SPDX-License-Identifier: MIT
#pragma once

// How a picture file is read: options of read_image, decode_image, decode_jpeg and decode_png.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera {

// Cameras store pictures as the sensor saw them, with a note which way up they were held.
//     upright      turned as the note says: what people see, and Pillow's ImageOps.exif_transpose
//     as_stored    not turned: what torchvision's ImageFolder, timm's data sets and any other Image.open(path).convert("RGB") see
enum class Orientation { upright, as_stored };

// What becomes of the 16 bits of a grey PNG picture.
//     high_byte    the upper 8 of them, as of every other picture of 16 bits
//     clipped      the value or 255, whichever is less, as Pillow 13's convert("RGB"), which makes such pictures nearly white
enum class Grey16 { high_byte, clipped };

struct ImageOptions {
  // Whether it is turned as the camera says.
  Orientation orientation = Orientation::upright;
  // What becomes of grey pictures of 16 bits.
  Grey16 grey16 = Grey16::high_byte;
  // Also reads the damaged files that Pillow reads without a word: JPEG scans with damaged codes, PNG data with a wrong checksum. The
  // damaged part has wrong colours.
  bool lenient = false;
  // Also reads files whose end is missing, as Pillow with ImageFile.LOAD_TRUNCATED_IMAGES = True. What is missing is grey (JPEG) or black
  // (PNG). Includes lenient.
  bool truncated = false;
  // If not null, one sentence is added for each damage that was passed over.
  std::vector<std::string>* warnings = nullptr;
};

namespace detail {

// Throws the Error of a decoder: "NAME: the KIND decoder found "MESSAGE", expected a complete, undamaged KIND file".
[[noreturn]] void fail_decoding(std::string_view name, std::string_view kind, std::string_view message);
// Throws unless a file of this many bytes may be large enough for its picture, of which it needs at least `least`.
void check_file_size(std::string_view name, std::string_view kind, std::size_t bytes, std::uint64_t least, std::int64_t height,
                     std::int64_t width);
// Adds "NAME: WHAT", and in quotation marks the decoder's message where there is one.
void warn_of_damage(const ImageOptions& options, std::string_view name, std::string_view what, std::string_view message);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/image_options_inl.hpp"
#endif
