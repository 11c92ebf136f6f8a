// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "tessera/core/error.hpp"
#include "tessera/train/photometric.hpp"

namespace tessera {

namespace detail {

// A product that is rounded on its own: what is volatile is not fused with the sum that it is part of.
TESSERA_INLINE double rounded_product(double a, double b) {
  const volatile double product = a * b;
  return product;
}

// f·d for each difference d of two values. Pillow rounds the product and the sum to float one after the other; the table keeps a compiler
// from fusing them.
class Blend {
 public:
  explicit Blend(double f) {
    for (int d = -255; d <= 255; ++d) steps_[static_cast<std::size_t>(d + 255)] = static_cast<float>(f) * static_cast<float>(d);
  }
  std::uint8_t operator()(int from, int to) const {
    const float sum = static_cast<float>(from) + steps_[static_cast<std::size_t>(to - from + 255)];
    return static_cast<std::uint8_t>(std::clamp(sum, 0.0F, 255.0F));
  }

 private:
  std::array<float, 511> steps_;
};

TESSERA_INLINE int grey_of(const std::uint8_t* pixel) { return (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16; }

using ValueTable = std::array<std::uint8_t, 256>;
TESSERA_INLINE Image with_tables(const Image& image, const std::array<ValueTable, 3>& tables) {
  Image out(image.height(), image.width());
  for (std::size_t i = 0; i < image.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) out.data()[i + c] = tables[c][image.data()[i + c]];
  return out;
}
TESSERA_INLINE Image with_table(const Image& image, const ValueTable& table) { return with_tables(image, {table, table, table}); }

using Histogram = std::array<std::int64_t, 256>;
TESSERA_INLINE std::array<Histogram, 3> histograms(const Image& image) {
  std::array<Histogram, 3> counts{};
  for (std::size_t i = 0; i < image.size(); i += 3)
    for (std::size_t c = 0; c < 3; ++c) ++counts[c][image.data()[i + c]];
  return counts;
}

TESSERA_INLINE ValueTable stretching_table(const Histogram& counts) {
  ValueTable table;
  int low = 0, high = 255;
  while (low < 255 && counts[static_cast<std::size_t>(low)] == 0) ++low;
  while (high > 0 && counts[static_cast<std::size_t>(high)] == 0) --high;
  const double scale = high > low ? 255.0 / (high - low) : 1.0, offset = high > low ? -low * scale : 0.0;
  for (int v = 0; v < 256; ++v)
    table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(std::clamp(rounded_product(v, scale) + offset, 0.0, 255.0));
  return table;
}

TESSERA_INLINE ValueTable equalizing_table(const Histogram& counts) {
  ValueTable table;
  std::int64_t all = 0, last = 0;
  for (const std::int64_t count : counts) {
    all += count;
    if (count > 0) last = count;
  }
  const std::int64_t step = (all - last) / 255;
  std::int64_t below = step / 2;
  for (std::size_t v = 0; v < 256; ++v) {
    table[v] = static_cast<std::uint8_t>(step == 0 ? static_cast<std::int64_t>(v) : std::min<std::int64_t>(below / step, 255));
    below += counts[v];
  }
  return table;
}

// A pixel's hue turned by `turn` of 256 steps, through hue, saturation and value of eight bits each.
TESSERA_INLINE void turn_hue(const std::uint8_t* in, std::uint8_t turn, std::uint8_t* out) {
  const int value = std::max({in[0], in[1], in[2]}), least = std::min({in[0], in[1], in[2]});
  int saturation = 0;
  std::uint8_t hue = 0;
  if (least != value) {
    const float range = static_cast<float>(value - least);
    const auto distance = [&](std::size_t c) { return static_cast<float>(value - in[c]) / range; };
    const float red = distance(0), green = distance(1), blue = distance(2);
    float h = 0;
    if (in[0] == value)
      h = blue - green;
    else if (in[1] == value)
      h = static_cast<float>(2.0 + red - blue);
    else
      h = static_cast<float>(4.0 + green - red);
    h = static_cast<float>(std::fmod(h / 6.0 + 1.0, 1.0));
    hue = static_cast<std::uint8_t>(std::clamp(static_cast<int>(h * 255.0), 0, 255));
    saturation = std::clamp(static_cast<int>(range / static_cast<float>(value) * 255.0), 0, 255);
  }
  if (saturation == 0) {
    std::fill_n(out, 3, static_cast<std::uint8_t>(value));
    return;
  }
  hue = static_cast<std::uint8_t>(hue + turn);
  const double sixths = static_cast<float>(hue) * 6.0 / 255.0;
  const int sector = static_cast<int>(sixths);
  const float part = static_cast<float>(sixths - sector), s = static_cast<float>(saturation / 255.0);
  const auto share = [&](double of_s) { return static_cast<std::uint8_t>(std::clamp(std::round(value * (1.0 - of_s)), 0.0, 255.0)); };
  const std::uint8_t p = share(s), q = share(static_cast<double>(s * part)), t = share(rounded_product(s, 1.0 - part)),
                     v = static_cast<std::uint8_t>(value);
  const std::array<std::array<std::uint8_t, 3>, 6> colours{{{v, t, p}, {q, v, p}, {p, v, t}, {p, q, v}, {t, p, v}, {v, p, q}}};
  std::copy_n(colours[static_cast<std::size_t>(sector % 6)].data(), 3, out);
}

}  // namespace detail

TESSERA_INLINE Image with_brightness(const Image& image, double f) {
  const detail::Blend blend(f);
  detail::ValueTable table;
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = blend(0, v);
  return detail::with_table(image, table);
}

TESSERA_INLINE Image with_contrast(const Image& image, double f) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < image.size(); i += 3) sum += detail::grey_of(image.data() + i);
  const int mean = static_cast<int>(static_cast<double>(sum) / static_cast<double>(image.size() / 3) + 0.5);
  const detail::Blend blend(f);
  detail::ValueTable table;
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = blend(mean, v);
  return detail::with_table(image, table);
}

TESSERA_INLINE Image with_colour(const Image& image, double f) {
  const detail::Blend blend(f);
  Image out(image.height(), image.width());
  for (std::size_t i = 0; i < image.size(); i += 3) {
    const int grey = detail::grey_of(image.data() + i);
    for (std::size_t c = 0; c < 3; ++c) out.data()[i + c] = blend(grey, image.data()[i + c]);
  }
  return out;
}

TESSERA_INLINE Image with_sharpness(const Image& image, double f) {
  const detail::Blend blend(f);
  Image out = image;
  const std::size_t pitch = static_cast<std::size_t>(image.width()) * 3;
  for (int y = 1; y < image.height() - 1; ++y) {
    const std::uint8_t* const row = image.row(y);
    for (std::size_t i = 3; i + 3 < pitch; ++i) {
      int sum = 4 * row[i];
      for (const std::uint8_t* line = row - pitch; line <= row + pitch; line += pitch) sum += line[i - 3] + line[i] + line[i + 3];
      out.row(y)[i] = blend((2 * sum + 13) / 26, row[i]);
    }
  }
  return out;
}

TESSERA_INLINE Image with_hue(const Image& image, double f) {
  if (!(f >= -0.5 && f <= 0.5)) detail::fail("with_hue: found a turn of ", f, ", expected -0.5 to 0.5");
  Image out(image.height(), image.width());
  const auto turn = static_cast<std::uint8_t>(static_cast<int>(f * 255));
  for (std::size_t i = 0; i < image.size(); i += 3) detail::turn_hue(image.data() + i, turn, out.data() + i);
  return out;
}

TESSERA_INLINE Image autocontrast(const Image& image) {
  const auto counts = detail::histograms(image);
  return detail::with_tables(
      image, {detail::stretching_table(counts[0]), detail::stretching_table(counts[1]), detail::stretching_table(counts[2])});
}

TESSERA_INLINE Image equalize(const Image& image) {
  const auto counts = detail::histograms(image);
  return detail::with_tables(
      image, {detail::equalizing_table(counts[0]), detail::equalizing_table(counts[1]), detail::equalizing_table(counts[2])});
}

TESSERA_INLINE Image posterize(const Image& image, int bits) {
  if (bits < 0 || bits > 8) detail::fail("posterize: found ", bits, " bits, expected 0 to 8");
  detail::ValueTable table;
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(v & ~((1 << (8 - bits)) - 1));
  return detail::with_table(image, table);
}

TESSERA_INLINE Image solarize(const Image& image, int threshold) {
  detail::ValueTable table;
  for (int v = 0; v < 256; ++v) table[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(v < threshold ? v : 255 - v);
  return detail::with_table(image, table);
}

}  // namespace tessera
