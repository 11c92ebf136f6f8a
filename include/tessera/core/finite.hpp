// SPDX-License-Identifier: MIT
#pragma once

// Whether a number is finite, asked of its bits. -ffast-math lets a compiler assume that no number is infinite or not a number, so that
// std::isfinite is always true with it.

#include <bit>
#include <cstdint>

namespace tessera::detail {

// False for NaN and for both infinities. The number is looked at where it lies in memory: with -ffast-math, clang 19 takes it for granted
// that floats which are passed by value are finite, and their bits as well.
constexpr bool is_finite_bits(const float& value) { return (std::bit_cast<std::uint32_t>(value) & 0x7F800000U) != 0x7F800000U; }
constexpr bool is_finite_bits(const double& value) {
  constexpr std::uint64_t exponent = std::uint64_t{0x7FF} << 52;
  return (std::bit_cast<std::uint64_t>(value) & exponent) != exponent;
}

}  // namespace tessera::detail
