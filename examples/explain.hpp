// SPDX-License-Identifier: MIT
#pragma once

// Why does a prediction differ from Python's? One line for each step from the file to the scores; examples/train/explain.py prints the same
// from PyTorch, and names the first line that differs.
//
// A line: name, height×width×channels, CRC-32 of the bytes (of pixels, which must agree to the last bit; else -), mean, deviation,
// least and greatest value.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "output.hpp"
#include "tessera/any/any_model.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"

// As zlib's crc32.
inline std::uint32_t crc32_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (0xedb88320 & (0 - (crc & 1)));
  }
  return ~crc;
}

template <class T>
std::string explain_line(const std::string& name, tessera::Shape shape, std::span<const T> values, const std::string& checksum) {
  double sum = 0, squares = 0;
  for (const T value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  for (const T value : values) squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const std::string size = format("%dx%dx%d", shape.height, shape.width, shape.channels);
  return format("%-23s %-13s %-8s  mean %11.5g  deviation %11.5g  from %11.5g to %11.5g\n", name.c_str(), size.c_str(), checksum.c_str(),
                mean, std::sqrt(squares / static_cast<double>(values.size())), static_cast<double>(*least), static_cast<double>(*greatest));
}

inline std::string explain_image(const std::string& name, const tessera::Image& image) {
  const std::span<const std::uint8_t> bytes(image.data(), image.size());
  return explain_line(name, {image.height(), image.width(), 3}, bytes, format("%08x", crc32_of(bytes)));
}

// All steps. A network for images of any size has no steps "resized" and "cropped", nor has one whose images are squashed.
inline std::string explain(const tessera::AnyModel& model, const std::string& photo, tessera::ImageOptions options) {
  const bool upright = options.orientation == tessera::Orientation::upright;
  options.orientation = tessera::Orientation::as_stored;
  tessera::Image image = tessera::read_image(photo, options);
  std::string text = explain_image("decoded", image);
  if (upright) {
    options.orientation = tessera::Orientation::upright;
    image = tessera::read_image(photo, options);
    text += explain_image("turned", image);
  }
  const tessera::Preprocessing& how = model.preprocessing();
  if (model.input().fixed() && how.fit == tessera::Fit::crop) {
    const tessera::Shape in = model.input();
    const tessera::Image resized = tessera::resize_shorter_side(
        image, tessera::detail::uncropped_side(std::min(in.height, in.width), how.crop), how.filter, how.pillow);
    text += explain_image("resized", resized) + explain_image("cropped", tessera::center_crop(resized, in.height, in.width));
  }
  const tessera::AnyTensor x = model.preprocess(image);
  const auto line = [&text](std::string_view name, tessera::Shape shape, const float* values) {
    text += explain_line(std::string(name), shape, std::span(values, static_cast<std::size_t>(shape.size())), "-");
  };
  line("normalised", x.shape(), x.data());

  struct Lines final : tessera::Observer {
    explicit Lines(decltype(line) write_line) : write(write_line) {}
    void see(std::string_view name, tessera::Shape shape, const float* values) override { write(name, shape, values); }
    decltype(line) write;
  } lines(line);
  const tessera::AnyTensor scores = model.observe(x, lines);
  line("scores", scores.shape(), scores.data());
  return text;
}
