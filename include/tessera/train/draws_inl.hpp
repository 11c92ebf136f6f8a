// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include "tessera/train/draws.hpp"

namespace tessera {

namespace detail {

TESSERA_INLINE std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> place, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t a = std::uint64_t{0xD2511F53} * place[0], b = std::uint64_t{0xCD9E8D57} * place[2];
    place = {static_cast<std::uint32_t>(b >> 32) ^ place[1] ^ key[0], static_cast<std::uint32_t>(b),
             static_cast<std::uint32_t>(a >> 32) ^ place[3] ^ key[1], static_cast<std::uint32_t>(a)};
    key[0] += 0x9E3779B9;
    key[1] += 0xBB67AE85;
  }
  return place;
}

}  // namespace detail

TESSERA_INLINE std::uint32_t Draws::bits() {
  if (used_ == block_.size()) {
    block_ = detail::philox(counter_, key_);
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

TESSERA_INLINE double Draws::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

TESSERA_INLINE double Draws::gamma(double shape) {
  if (shape < 1) {
    const double larger = gamma(shape + 1);
    return larger * std::pow(1 - uniform(), 1 / shape);
  }
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  while (true) {
    const double x = normal(), v = (1 + c * x) * (1 + c * x) * (1 + c * x), u = 1 - uniform();
    if (v > 0 && std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
}

TESSERA_INLINE double Draws::beta(double a) {
  const double x = gamma(a), y = gamma(a);
  return x + y == 0 ? 0.5 : x / (x + y);
}

}  // namespace tessera
