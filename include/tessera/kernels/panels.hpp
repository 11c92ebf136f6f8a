// SPDX-License-Identifier: MIT
#pragma once

// Packed constant weights. A matrix W (out × in, row-major, as a checkpoint has it) that multiplies activations from the right,
//
//     y = x · Wᵀ        x: N×in    y: N×out
//
// is laid out once, at load, in panels of as many output columns as a register tile holds; within a panel all columns of one inner
// index are neighbours. The last panel is as narrow as packets allow and filled up with zeros.

#include "tessera/core/buffer.hpp"
#include "tessera/kernels/product_tile.hpp"

namespace tessera::detail {

template <int Lanes>
class Panels {
 public:
  Panels() = default;
  // element(column, k) gives W[column, k].
  template <class Element>
  Panels(std::ptrdiff_t columns, std::ptrdiff_t inner, Element element) : columns_(columns), inner_(inner) {
    const std::ptrdiff_t last = (columns - 1) / panel_width<Lanes> * panel_width<Lanes>;
    packed_ = Buffer(static_cast<std::size_t>((last + packets(last) * Lanes) * inner));
    for (std::ptrdiff_t first = 0; first < columns; first += panel_width<Lanes>) {
      const std::ptrdiff_t width = packets(first) * Lanes;
      float* const panel = packed_.data() + first * inner;
      for (std::ptrdiff_t j = 0; j < width && first + j < columns; ++j)
        for (std::ptrdiff_t k = 0; k < inner; ++k) panel[k * width + j] = element(first + j, k);
    }
  }

  std::ptrdiff_t columns() const { return columns_; }
  std::ptrdiff_t inner() const { return inner_; }
  // Packets of the panel that starts at column `first`.
  int packets(std::ptrdiff_t first) const { return ProductTile<Lanes>::packets_at_once(columns_ - first); }
  const float* panel(std::ptrdiff_t first) const { return packed_.data() + first * inner_; }

 private:
  std::ptrdiff_t columns_ = 0;
  std::ptrdiff_t inner_ = 0;
  Buffer packed_;
};

}  // namespace tessera::detail
