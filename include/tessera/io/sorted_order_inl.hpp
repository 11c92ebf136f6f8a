// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tessera/io/sorted_order.hpp"

namespace tessera::detail {

// Merges runs of 1, 2, 4, ... numbers.
TESSERA_COLD_INLINE std::vector<std::uint32_t> sorted_order(std::size_t size, Before before, const void* context) {
  std::vector<std::uint32_t> order(size), merged(size);
  for (std::size_t i = 0; i < size; ++i) order[i] = static_cast<std::uint32_t>(i);
  for (std::size_t run = 1; run < size; run *= 2) {
    for (std::size_t begin = 0; begin < size; begin += 2 * run) {
      const std::size_t middle = begin + run < size ? begin + run : size, end = middle + run < size ? middle + run : size;
      std::size_t a = begin, b = middle;
      for (std::size_t i = begin; i < end; ++i) {
        const bool second = a == middle || (b < end && before(context, order[b], order[a]));
        merged[i] = order[second ? b++ : a++];
      }
    }
    order.swap(merged);
  }
  return order;
}

}  // namespace tessera::detail
