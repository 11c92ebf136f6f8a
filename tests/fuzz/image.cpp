// SPDX-License-Identifier: MIT

// Fuzz target: JPEG and PNG files, decoded, turned, resized and normalised.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/resize.hpp"

using namespace tessera;

namespace {

// Pictures that are large by their headers are refused or decoded slowly; both are tested elsewhere.
bool small(std::span<const std::uint8_t> file) {
  constexpr unsigned most = 128;
  const auto u16 = [&](std::size_t i) { return static_cast<unsigned>(file[i]) << 8 | file[i + 1]; };
  if (file.size() > 24 && file[0] == 0x89)
    return file[16] == 0 && file[17] == 0 && u16(18) <= most && file[20] == 0 && file[21] == 0 && u16(22) <= most;
  for (std::size_t i = 0; i + 9 < file.size(); ++i)
    if (file[i] == 0xff && file[i + 1] >= 0xc0 && file[i + 1] <= 0xcf && (u16(i + 5) > most || u16(i + 7) > most)) return false;
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> file(data, size);
  if (!small(file)) return -1;
  try {
    std::vector<std::string> warnings;
    const ImageOptions options{.orientation = size % 7 == 0 ? Orientation::as_stored : Orientation::upright,
                               .grey16 = size % 3 == 0 ? Grey16::clipped : Grey16::high_byte,
                               .lenient = size % 4 == 1,
                               .truncated = size % 4 == 2,
                               .warnings = &warnings};
    const Image image = decode_image(std::as_bytes(file), "f", options);
    // Sizes that depend on the picture, so that many factors are tried.
    const int width = 1 + image.height() % 61, height = 1 + image.width() % 47;
    (void)resize(image, height, width, size % 2 == 0 ? Filter::bicubic : Filter::bilinear,
                 size % 5 == 0 ? PillowRule::v12 : PillowRule::v13);
    (void)preprocess(image, imagenet_preprocessing, 32);
  } catch (const Error&) {
  }
  return 0;
}
