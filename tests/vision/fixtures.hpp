// SPDX-License-Identifier: MIT
#pragma once

// Reading what tests/data/make_vision_data.py wrote.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/read_file.hpp"

namespace fixtures {

inline std::filesystem::path vision_data() { return std::filesystem::path(TESSERA_TEST_DATA) / "vision"; }

inline std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  return tessera::detail::read_file(path, std::size_t{1} << 30, "a fixture");
}

// A binary PPM file as Pillow writes it: "P6\nwidth height\n255\n" and the pixels.
inline tessera::Image read_ppm(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = bytes_of(path);
  std::istringstream head(std::string(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 64)));
  std::string magic;
  int width = 0, height = 0, top = 0;
  head >> magic >> width >> height >> top;
  head.get();
  if (magic != "P6" || top != 255) tessera::detail::fail(path.string(), ": not a PPM fixture");
  const auto pixels = std::span(bytes).subspan(static_cast<std::size_t>(head.tellg()));
  return tessera::Image(std::span(reinterpret_cast<const std::uint8_t*>(pixels.data()), pixels.size()), height, width);
}

// FNV-1a-64 of the pixels, in 16 hexadecimal digits.
inline std::string hash_of(const tessera::Image& image) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::uint8_t value : std::span(image.data(), image.size())) hash = (hash ^ value) * 0x100000001b3;
  std::ostringstream out;
  out << std::hex << std::setfill('0') << std::setw(16) << hash;
  return out.str();
}

inline tessera::Filter filter_named(const std::string& name) {
  return std::map<std::string, tessera::Filter>{{"box", tessera::Filter::box},
                                                {"bilinear", tessera::Filter::bilinear},
                                                {"bicubic", tessera::Filter::bicubic},
                                                {"lanczos", tessera::Filter::lanczos}}
      .at(name);
}

// The pictures that the script calls pattern(): "noise" has every value, "extremes" only 0 and 255.
inline tessera::Image pattern(const std::string& kind, int width, int height) {
  tessera::Image image(height, width);
  std::uint32_t i = 0;
  for (std::uint8_t& value : std::span(image.data(), image.size())) {
    const auto noise = static_cast<std::uint8_t>((i++ * 2654435761U + 12345U) >> 13 & 255U);
    value = kind == "noise" ? noise : (noise % 2 == 1 ? std::uint8_t{255} : std::uint8_t{0});
  }
  return image;
}

// The message of the tessera::Error that the call throws, or what it did instead.
inline std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const tessera::Error& error) {
    return error.what();
  } catch (const std::exception& other) {
    return std::string("not a tessera::Error: ") + other.what();
  }
  return "no error";
}

// "same", or how two pictures differ.
inline std::string compared(const tessera::Image& got, const tessera::Image& want) {
  if (got.width() != want.width() || got.height() != want.height())
    return tessera::detail::concat(got.width(), "×", got.height(), " instead of ", want.width(), "×", want.height());
  int largest = 0;
  for (std::size_t i = 0; i < got.size(); ++i) largest = std::max(largest, std::abs(got.data()[i] - want.data()[i]));
  return largest == 0 ? "same" : "values differ by up to " + std::to_string(largest);
}

// The fixtures whose file names end like this, in order.
inline std::vector<std::filesystem::path> pictures_ending(const std::string& extension) {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(vision_data()))
    if (entry.path().extension() == extension) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  return found;
}

// The pixels that Pillow reads from a fixture.
inline tessera::Image pillow_pixels(std::filesystem::path path) { return read_ppm(path.replace_extension(".ppm")); }

}  // namespace fixtures
