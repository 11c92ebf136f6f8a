// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera::detail {

// The numbers 0 to size - 1 in the order of what they stand for. `before` compares two of them and gets `context`; equal ones keep their
// order. One function for all kinds of lists costs compilers less than std::sort for each of them.
using Before = bool (*)(const void* context, std::uint32_t a, std::uint32_t b);
std::vector<std::uint32_t> sorted_order(std::size_t size, Before before, const void* context);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/sorted_order_inl.hpp"
#endif
