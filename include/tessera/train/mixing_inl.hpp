// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/train/mixing.hpp"

namespace tessera {

namespace detail {

// Rows of `values` become kept·row i + (1 - kept)·row partner[i].
TESSERA_INLINE void mix_rows(std::span<float> values, const std::vector<std::size_t>& partner, double kept) {
  const std::vector<float> before(values.begin(), values.end());
  const std::size_t length = values.size() / partner.size();
  const auto own = static_cast<float>(kept), others = static_cast<float>(1 - kept);
  for (std::size_t i = 0; i < partner.size(); ++i)
    for (std::size_t k = 0; k < length; ++k)
      values[i * length + k] = own * before[i * length + k] + others * before[partner[i] * length + k];
}

// Copies the rectangle of each image's partner. Returns the share of the area that is kept.
TESSERA_INLINE double cut_and_mix(std::span<float> images, Shape shape, const std::vector<std::size_t>& partner, double kept,
                                  Draws& draws) {
  const double side = std::sqrt(1 - kept);
  const auto range = [&](int length) {
    const int half = static_cast<int>(length * side) / 2, middle = static_cast<int>(draws.below(static_cast<std::uint32_t>(length)));
    return std::pair(std::max(middle - half, 0), std::min(middle + half, length));
  };
  const auto [top, bottom] = range(shape.height);
  const auto [left, right] = range(shape.width);
  const std::vector<float> before(images.begin(), images.end());
  const std::ptrdiff_t size = shape.size(), length = std::ptrdiff_t{right - left} * shape.channels;
  for (std::size_t i = 0; i < partner.size(); ++i)
    for (int y = top; y < bottom; ++y) {
      const std::ptrdiff_t at = (std::ptrdiff_t{y} * shape.width + left) * shape.channels;
      std::copy_n(before.data() + static_cast<std::ptrdiff_t>(partner[i]) * size + at, length,
                  images.data() + static_cast<std::ptrdiff_t>(i) * size + at);
    }
  return 1 - static_cast<double>(bottom - top) * (right - left) / (static_cast<double>(shape.height) * shape.width);
}

}  // namespace detail

TESSERA_INLINE void mix(std::span<float> images, Shape shape, std::span<float> targets, const Mixing& options, Draws& draws) {
  const auto size = static_cast<std::size_t>(shape.size());
  if (size == 0 || images.size() % size != 0) detail::fail("mix: found ", images.size(), " values, expected whole images of ", shape);
  const std::size_t count = images.size() / size;
  if (count == 0 || targets.size() % count != 0)
    detail::fail("mix: found ", targets.size(), " targets for ", count, " images, expected as many for each");
  if (!(options.mixup >= 0 && options.cutmix >= 0 && options.probability >= 0 && options.probability <= 1))
    detail::fail("mix: found mixup ", options.mixup, ", cutmix ", options.cutmix, " and probability ", options.probability,
                 ", expected 0 or more, and a probability of at most 1");
  if (options.mixup + options.cutmix == 0 || !draws.chance(options.probability)) return;
  const bool cut = options.mixup == 0 || (options.cutmix > 0 && draws.chance(0.5));
  double kept = draws.beta(cut ? options.cutmix : options.mixup);
  std::vector<std::size_t> partner(count);
  std::iota(partner.begin(), partner.end(), std::size_t{0});
  for (std::size_t i = count - 1; i > 0; --i) std::swap(partner[i], partner[draws.below(static_cast<std::uint32_t>(i + 1))]);
  if (cut)
    kept = detail::cut_and_mix(images, shape, partner, kept, draws);
  else
    detail::mix_rows(images, partner, kept);
  detail::mix_rows(targets, partner, kept);
}

}  // namespace tessera
