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
#include "tessera/kernels/weight_matrix.hpp"

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

// Writes numbers first, first + 1, ..., first + count - 1 of one column to `to`.
using WriteColumn = FunctionRef<void(std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to)>;

template <Isa I>
class Panels {
 public:
  Panels() = default;
  Panels(std::ptrdiff_t columns, std::ptrdiff_t inner, WriteColumn write) : columns_(columns), inner_(inner) {
    const std::ptrdiff_t last = (columns - 1) / panel_width<I> * panel_width<I>;
    packed_ = Buffer(static_cast<std::size_t>((last + packets(last) * lanes_of<I>)*inner));
    // Row by row into a square that stays in the first-level cache, and turned from there.
    alignas(64) float rows[lanes_of<I> * most_at_once];
    for (std::ptrdiff_t first = 0; first < columns; first += panel_width<I>) {
      const std::ptrdiff_t width = packets(first) * lanes_of<I>;
      float* const panel = packed_.data() + first * inner;
      for (std::ptrdiff_t k = 0; k < inner; k += most_at_once)
        for (std::ptrdiff_t j = 0; j < width; j += lanes_of<I>) {
          const std::ptrdiff_t count = std::min(most_at_once, inner - k);
          for (std::ptrdiff_t i = 0; i < lanes_of<I>; ++i) {
            const std::ptrdiff_t column = first + j + i;
            if (column < columns) {
              write(column, k, count, rows + i * most_at_once);
            } else {
              std::fill_n(rows + i * most_at_once, count, 0.0F);
            }
          }
          turn_rows<I>(rows, most_at_once, count, panel + k * width + j, width);
        }
    }
  }
  explicit Panels(const WeightMatrix& weights)
      : Panels(weights.columns, weights.inner, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
          write_column<I>(weights, column, first, count, to);
        }) {}

  // Numbers that are asked for at once, at most.
  static constexpr std::ptrdiff_t most_at_once = 256;

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

// The transposed matrix kᵀ as a right operand, k: rows × d. Column n of the result is row n of k; there are zeros after the last one. A
// panel that starts at column n is at panels + n·d.
template <Isa I>
void turn_panels(const float* k, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t d, float* panels) {
  for (std::ptrdiff_t first = 0; first < rows; first += panel_width<I>) {
    const std::ptrdiff_t left = rows - first;
    const std::ptrdiff_t width = ProductTile<I>::packets_at_once(left) * lanes_of<I>;
    float* const panel = panels + first * d;
    for (std::ptrdiff_t j = 0; j < width; j += lanes_of<I>) {
      const float* const from = k + (first + j) * stride;
      const std::ptrdiff_t count = std::clamp<std::ptrdiff_t>(left - j, 0, lanes_of<I>);
      if (count == lanes_of<I>) {
        turn_rows<I>(from, stride, d, panel + j, width);
        continue;
      }
      for (std::ptrdiff_t c = 0; c < d; ++c)
        for (std::ptrdiff_t i = 0; i < lanes_of<I>; ++i) panel[c * width + j + i] = i < count ? from[i * stride + c] : 0.0F;
    }
  }
}

}  // namespace tessera::detail
