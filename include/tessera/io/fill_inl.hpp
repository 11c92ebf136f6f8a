// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tessera/core/error.hpp"
#include "tessera/io/fill.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

TESSERA_INLINE void fill(std::string_view name, std::uint64_t seed, float lo, float hi, std::span<float> out, std::uint64_t first) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  const auto low = static_cast<double>(lo), range = static_cast<double>(hi) - low;
  constexpr std::uint64_t step = 0x9e3779b97f4a7c15;
  std::uint64_t state = (hash ^ seed) + first * step;
  for (float& value : out) {
    state += step;
    std::uint64_t z = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    value = static_cast<float>(low + range * (static_cast<double>(z >> 40) * 0x1p-24));
  }
}

TESSERA_COLD_INLINE FillBounds fill_bounds(std::string_view key, std::span<const std::int64_t> extents) {
  const std::string_view leaf = key.substr(key.rfind('.') + 1);  // npos + 1 is 0
  if (key == "input") return {-2, 2};
  if (leaf == "num_batches_tracked") return {1000, 1000};
  if (leaf == "running_mean") return {-0.125F, 0.125F};
  if (leaf == "running_var") return {0.5F, 1.5F};
  if (leaf == "gamma_1" || leaf == "gamma_2" || leaf == "ls1" || leaf == "ls2") return {0.125F, 0.25F};
  if (leaf == "alpha") return {0.75F, 1.25F};
  if (leaf == "beta" || leaf == "bias") return {-0.125F, 0.125F};
  if (leaf == "weight" && extents.size() == 1) return {0.75F, 1.25F};
  if (leaf == "weight" && extents.size() >= 2) {
    std::int64_t fan_in = 1;
    for (const std::int64_t extent : extents.subspan(1)) fan_in *= extent;
    const double scale = key.find("cpe_net") != std::string_view::npos ? 0.25 : 1;
    const auto bound = static_cast<float>(scale * std::sqrt(3 / static_cast<double>(fan_in)));
    return {-bound, bound};
  }
  detail::fail(detail::in_quotes(key), " ", detail::extents_part(extents), ": found no rule for its values");
}

}  // namespace tessera
