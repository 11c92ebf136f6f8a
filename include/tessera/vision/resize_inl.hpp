// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <span>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/vision/resize.hpp"

namespace tessera {

namespace detail {

TESSERA_COLD_INLINE double filter_reach(Filter filter) {
  switch (filter) {
    case Filter::box:
      return 0.5;
    case Filter::bilinear:
      return 1.0;
    case Filter::bicubic:
      return 2.0;
    case Filter::lanczos:
      return 3.0;
  }
  fail("resize: found filter number ", static_cast<int>(filter), ", expected box, bilinear, bicubic or lanczos");
}

TESSERA_INLINE double filter_value(Filter filter, double x) {
  if (filter == Filter::box) return -0.5 < x && x <= 0.5 ? 1.0 : 0.0;
  if (filter == Filter::lanczos) {
    const auto sinc = [](double t) { return t == 0.0 ? 1.0 : std::sin(t * std::numbers::pi) / (t * std::numbers::pi); };
    return -3.0 <= x && x < 3.0 ? sinc(x) * sinc(x / 3.0) : 0.0;
  }
  x = std::abs(x);
  if (filter == Filter::bilinear) return x < 1.0 ? 1.0 - x : 0.0;
  constexpr double a = -0.5;
  if (x < 1.0) return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * a : 0.0;
}

inline constexpr int weight_bits = 22;

// Where one output value comes from: source positions first, first + 1, ... and their fixed-point weights.
struct Taps {
  int first;
  std::vector<std::int32_t> weights;

  int end() const { return first + static_cast<int>(weights.size()); }
};

// The taps of outputs begin, begin + 1, ... begin + count - 1 out of the `out` that an axis of `in` is resampled to.
TESSERA_INLINE std::vector<Taps> resampling_taps(int in, std::int64_t out, std::int64_t begin, int count, Filter filter) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = filter_reach(filter) * stretch;
  std::vector<Taps> all(static_cast<std::size_t>(count));
  std::vector<double> exact;
  for (Taps& taps : all) {
    const double centre = (static_cast<double>(begin + (&taps - all.data())) + 0.5) * scale;
    taps.first = std::max(0, static_cast<int>(centre - support + 0.5));
    const int end = std::min(in, static_cast<int>(centre + support + 0.5));
    exact.clear();
    double sum = 0.0;
    for (int x = 0; x < end - taps.first; ++x) {
      exact.push_back(filter_value(filter, (x + taps.first - centre + 0.5) * (1.0 / stretch)));
      sum += exact.back();
    }
    for (double weight : exact) {
      if (sum != 0.0) weight /= sum;
      taps.weights.push_back(static_cast<std::int32_t>((weight < 0.0 ? -0.5 : 0.5) + weight * (1 << weight_bits)));
    }
  }
  return all;
}

// Weighted sum of lines of N bytes that are `pitch` bytes apart: out[i] = clip(Σ_k weights[k] · lines[k·pitch + i]).
// A fixed N lets the compiler keep the sums in registers.
template <std::size_t N>
void blend_block(const std::uint8_t* lines, std::size_t pitch, std::span<const std::int32_t> weights, std::uint8_t* out) {
  std::array<std::int32_t, N> sums;
  sums.fill(1 << (weight_bits - 1));
  for (const std::int32_t weight : weights) {
    for (std::size_t i = 0; i < N; ++i) sums[i] += weight * lines[i];
    lines += pitch;
  }
  for (std::size_t i = 0; i < N; ++i) out[i] = static_cast<std::uint8_t>(std::clamp(sums[i] >> weight_bits, 0, 255));
}

// Columns begin ... begin + taps.size() - 1 of the picture made wider or narrower, rows first_row ... last_row - 1. Column x of `image` is
// column x + left of the taps' picture. Sixteen rows are interleaved, so that a column of them is one line of 48 bytes.
TESSERA_INLINE Image resample_columns(const Image& image, const std::vector<Taps>& taps, int first_row, int last_row, int left) {
  constexpr int strip_rows = 16;
  constexpr std::size_t line = strip_rows * 3;
  Image out(last_row - first_row, static_cast<int>(taps.size()));
  const int first = taps.front().first, last = taps.back().end();
  std::vector<std::uint8_t> strip(static_cast<std::size_t>(last - first) * line);
  for (int top = first_row; top < last_row; top += strip_rows) {
    const int rows = std::min(strip_rows, last_row - top);
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* from = image.row(top + r) + (first - left) * 3;
      std::uint8_t* to = strip.data() + r * 3;
      for (int x = first; x < last; ++x, from += 3, to += line) std::copy_n(from, 3, to);
    }
    for (std::size_t x = 0; x < taps.size(); ++x) {
      std::array<std::uint8_t, line> column;
      blend_block<line>(strip.data() + static_cast<std::size_t>(taps[x].first - first) * line, line, taps[x].weights, column.data());
      for (int r = 0; r < rows; ++r) std::copy_n(column.data() + r * 3, 3, out.row(top - first_row + r) + x * 3);
    }
  }
  return out;
}

// Columns left ... left + width - 1 of the picture made taller or shorter. Row y of `image` is row y + first_row of the taps' picture.
TESSERA_INLINE Image resample_rows(const Image& image, const std::vector<Taps>& taps, int first_row, int left, int width) {
  constexpr std::size_t block = 48;
  Image out(static_cast<int>(taps.size()), width);
  const std::size_t pitch = static_cast<std::size_t>(image.width()) * 3, length = static_cast<std::size_t>(width) * 3;
  for (std::size_t y = 0; y < taps.size(); ++y) {
    const std::uint8_t* lines = image.row(taps[y].first - first_row) + left * 3;
    std::uint8_t* to = out.row(static_cast<int>(y));
    std::size_t i = 0;
    for (; i + block <= length; i += block) blend_block<block>(lines + i, pitch, taps[y].weights, to + i);
    for (; i < length; i += 3) blend_block<3>(lines + i, pitch, taps[y].weights, to + i);
  }
  return out;
}

// Whether Pillow resamples the rows of a picture, which changes its height, before the columns.
TESSERA_COLD_INLINE bool rows_before_columns(PillowRule rule, std::int64_t height, std::int64_t width, std::int64_t new_height,
                                             std::int64_t new_width) {
  if (new_height >= height) return false;
  switch (rule) {
    case PillowRule::v13:
      return height - new_height > 2 * (width - new_width);
    case PillowRule::v12:
      return height > 100 * width;
    case PillowRule::v11:
      return false;
  }
  fail("resize: found Pillow rule number ", static_cast<int>(rule), ", expected v13, v12 or v11");
}

TESSERA_INLINE Image resize_window(const Image& image, std::int64_t height, std::int64_t width, const PixelWindow& window, Filter filter,
                                   PillowRule rule) {
  const bool columns = width != image.width(), rows = height != image.height();
  const int left = static_cast<int>(window.x), top = static_cast<int>(window.y);
  std::vector<Taps> across, down;
  if (columns) across = resampling_taps(image.width(), width, window.x, window.width, filter);
  if (rows) down = resampling_taps(image.height(), height, window.y, window.height, filter);
  if (columns && rows && rows_before_columns(rule, image.height(), image.width(), height, width)) {
    const int first = across.front().first;
    return resample_columns(resample_rows(image, down, 0, first, across.back().end() - first), across, 0, window.height, first);
  }
  if (columns && rows) {
    const int first = down.front().first;
    return resample_rows(resample_columns(image, across, first, down.back().end(), 0), down, first, 0, window.width);
  }
  if (columns) return resample_columns(image, across, top, top + window.height, 0);
  if (rows) return resample_rows(image, down, 0, left, window.width);
  Image out(window.height, window.width);
  for (int y = 0; y < window.height; ++y) std::copy_n(image.row(top + y) + left * 3, window.width * 3, out.row(y));
  return out;
}

}  // namespace detail

TESSERA_INLINE Image resize(const Image& image, int height, int width, Filter filter, PillowRule rule) {
  detail::checked_image_size(height, width, "resize");
  return detail::resize_window(image, height, width, {0, 0, height, width}, filter, rule);
}

}  // namespace tessera
