// SPDX-License-Identifier: MIT
#pragma once

// Packed constant weights. A matrix W (out × in, row-major, as a checkpoint has it) that multiplies activations from the right,
//
//     y = x · Wᵀ        x: N×in    y: N×out
//
// is laid out once, at load, in panels of as many output columns as a register tile holds; within a panel all columns of one inner
// index are neighbours. The last panel is as narrow as packets allow and filled up with zeros.

#include <algorithm>

#include "tessera/core/buffer.hpp"
#include "tessera/kernels/product_tile.hpp"

namespace tessera::detail {

// to[k·width + i] = rows[i·stride + k] for as many rows as a packet has lanes and k < terms.
template <Isa I>
void turn_rows(const float* rows, std::ptrdiff_t stride, std::ptrdiff_t terms, float* to, std::ptrdiff_t width) {
  using namespace Eigen::internal;
  std::ptrdiff_t k = 0;
  for (; k + lanes_of<I> <= terms; k += lanes_of<I>) {
    PacketSquare<I> square;
    for (int i = 0; i < lanes_of<I>; ++i) square.packet[i] = ploadu<Packet<I>>(rows + i * stride + k);
    ptranspose(square);
    for (int i = 0; i < lanes_of<I>; ++i) pstoreu(to + (k + i) * width, square.packet[i]);
  }
  for (; k < terms; ++k)
    for (int i = 0; i < lanes_of<I>; ++i) to[k * width + i] = rows[i * stride + k];
}

template <Isa I>
class Panels {
 public:
  Panels() = default;
  // element(column, k) gives W[column, k].
  template <class Element>
  Panels(std::ptrdiff_t columns, std::ptrdiff_t inner, Element element)
      : Panels(filled(columns, inner, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
          for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = element(column, first + i);
        })) {}
  // fill(column, first, count, to) writes W[column, k] for the k from `first` on to to[0], ....
  template <class Fill>
  static Panels filled(std::ptrdiff_t columns, std::ptrdiff_t inner, const Fill& fill) {
    Panels panels;
    panels.columns_ = columns;
    panels.inner_ = inner;
    const std::ptrdiff_t last = (columns - 1) / panel_width<I> * panel_width<I>;
    panels.packed_ = Buffer(static_cast<std::size_t>((last + panels.packets(last) * lanes_of<I>) * inner));
    // Row by row into a square that stays in the first-level cache, and turned from there.
    constexpr std::ptrdiff_t most = 256;
    alignas(64) float rows[lanes_of<I> * most];
    for (std::ptrdiff_t first = 0; first < columns; first += panel_width<I>) {
      const std::ptrdiff_t width = panels.packets(first) * lanes_of<I>;
      float* const panel = panels.packed_.data() + first * inner;
      for (std::ptrdiff_t k = 0; k < inner; k += most)
        for (std::ptrdiff_t j = 0; j < width; j += lanes_of<I>) {
          const std::ptrdiff_t count = std::min(most, inner - k);
          for (std::ptrdiff_t i = 0; i < lanes_of<I>; ++i) {
            const std::ptrdiff_t column = first + j + i;
            if (column < columns) {
              fill(column, k, count, rows + i * most);
            } else {
              std::fill_n(rows + i * most, count, 0.0F);
            }
          }
          turn_rows<I>(rows, most, count, panel + k * width + j, width);
        }
    }
    return panels;
  }

  std::ptrdiff_t columns() const { return columns_; }
  std::ptrdiff_t inner() const { return inner_; }
  // Packets of the panel that starts at column `first`.
  int packets(std::ptrdiff_t first) const { return ProductTile<I>::packets_at_once(columns_ - first); }
  const float* panel(std::ptrdiff_t first) const { return packed_.data() + first * inner_; }

 private:
  std::ptrdiff_t columns_ = 0;
  std::ptrdiff_t inner_ = 0;
  Buffer packed_;
};

}  // namespace tessera::detail
