// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/train/initialise.hpp"

namespace tessera::detail {

TESSERA_INLINE int blocks_with_scale(std::span<const NamedParameter> parameters) {
  return static_cast<int>(
      std::count_if(parameters.begin(), parameters.end(), [](const NamedParameter& p) { return p.key.ends_with(".ls1"); }));
}

TESSERA_INLINE void initialise(std::string_view key, const Parameter& parameter, int blocks, Initialisation how, std::uint64_t seed,
                               std::span<float> values) {
  const std::string_view leaf = key.substr(key.rfind('.') + 1);
  std::uint32_t name = 2166136261;  // FNV-1a
  for (const char c : key) name = (name ^ static_cast<unsigned char>(c)) * 16777619;
  Draws draws(seed, DrawPurpose::user, name, 0);
  const auto normal = [&](double deviation, double most) {
    for (float& value : values) {
      double number = deviation * draws.normal();
      while (std::abs(number) > most) number = deviation * draws.normal();
      value = static_cast<float>(number);
    }
  };
  const auto constant = [&](double number) { std::ranges::fill(values, static_cast<float>(number)); };
  if (parameter.rank() == 1) {
    if (leaf == "ls1" || leaf == "ls2") return constant(blocks <= 18 ? 0.1 : blocks <= 24 ? 1e-5 : 1e-6);
    if (leaf == "gamma_1") return constant(0.1);
    return constant(leaf == "weight" || leaf == "alpha" || leaf == "running_var" ? 1 : 0);
  }
  const double rows = parameter.extent(0), fan_in = static_cast<double>(parameter.size()) / rows;
  if (parameter.rank() == 2) {
    if (how == Initialisation::truncated_normal) return normal(0.02, 2);
    if (key == "head.weight") return constant(0);
    const double bound = std::sqrt(6 / (rows + fan_in));
    for (float& value : values) value = static_cast<float>(draws.uniform(-bound, bound));
    return;
  }
  if (key.ends_with("stem.proj.weight")) return normal(std::sqrt(1 / fan_in), 2 * std::sqrt(1 / fan_in));
  const double area = static_cast<double>(parameter.extent(2)) * parameter.extent(3), inputs = parameter.extent(1);
  normal(std::sqrt(2 / (area * (inputs == 1 ? 1 : rows))), 1e9);
}

}  // namespace tessera::detail
