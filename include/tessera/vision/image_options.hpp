// SPDX-License-Identifier: MIT
#pragma once

// How a picture file is read: options of read_image, decode_image, decode_jpeg and decode_png.

#include <string>
#include <vector>

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
  Orientation orientation = Orientation::upright;
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

}  // namespace tessera
