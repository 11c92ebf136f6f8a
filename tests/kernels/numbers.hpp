// SPDX-License-Identifier: MIT
#pragma once

// What the tests of the kernels share.

#include <cstddef>
#include <vector>

#include "tessera/io/self_test.hpp"
#include "tessera/kernels/packet.hpp"

constexpr tessera::Isa isa = tessera::native_isa;
constexpr int lanes = tessera::native_lanes;

// Numbers in ±0.5, other ones for every key.
inline std::vector<float> numbers(const char* key, std::ptrdiff_t count) {
  std::vector<float> result(static_cast<std::size_t>(count));
  tessera::fill(key, 1, -0.5F, 0.5F, result);
  return result;
}
