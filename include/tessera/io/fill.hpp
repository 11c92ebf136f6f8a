// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "tessera/core/compiled.hpp"

// Numbers that anyone can make from a name and a seed, in any language.

namespace tessera {

// Elements first, first + 1, ... of the tensor of that name. Element i is output i of the SplitMix64 generator that starts at
// FNV-1a-64(name) xor seed; its top 24 bits u give lo + (hi - lo)·u/2^24, computed in double and rounded once. tests/io/self_test_test.cpp
// has test vectors.
void fill(std::string_view name, std::uint64_t seed, float lo, float hi, std::span<float> out, std::uint64_t first = 0);

struct FillBounds {
  // The least value, and the end, which is not reached.
  float lo, hi;
};

// The bounds that keep a random network's activations of order one, by the name and extents of a weight. Throws an Error for a name
// without a rule.
FillBounds fill_bounds(std::string_view key, std::span<const std::int64_t> extents);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/fill_inl.hpp"
#endif
