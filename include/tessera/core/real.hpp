// SPDX-License-Identifier: MIT
#pragma once

// Real: a floating-point number as a template argument, LayerNorm<1e-6>. It stands in for floating-point template parameters, which
// clang has from version 18 only.

#include <bit>
#include <cstdint>

#include "tessera/core/compiled.hpp"

namespace tessera {

struct Real {
  // Those of the double.
  std::uint64_t bits;

  // From a number, so that literals may stand where a Real is wanted.
  constexpr Real(double value) : bits(std::bit_cast<std::uint64_t>(value)) {}
  // The number.
  constexpr double value() const { return std::bit_cast<double>(bits); }
};

}  // namespace tessera
