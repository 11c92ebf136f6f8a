// SPDX-License-Identifier: MIT
#pragma once

// The product of a left operand and one panel of columns, over register tiles, each handed to an epilogue while it is in the first-level
// cache. For y = x · Wᵀ (channel mixing) the panel is one of packed weights, for y = W · x (token mixing) it is one of activations and the
// row-major weights are on the left.
//
// An epilogue is called as epilogue(Tile): where the tile lies in y, and its sums.

#include <algorithm>

#include "tessera/kernels/panels.hpp"

namespace tessera::detail {

// Sums of rows [row, row + rows) and columns [column, column + columns) of a product, row r at sums + r·stride.
// Up to the next packet there is room behind the last column.
struct Tile {
  std::ptrdiff_t row, column;
  int rows, columns;
  const float* sums;
  std::ptrdiff_t stride;
};

template <int Lanes>
inline constexpr std::size_t tile_floats = static_cast<std::size_t>(RegisterTile<Lanes>::rows) * panel_width<Lanes>;

// All row tiles of one panel of columns. Meanwhile `ahead` is fetched, as many bytes as the panel has, which are wanted soon after it; or,
// if it is null, the rows of the next tile.
template <int Lanes, class Epilogue>
void multiply_panel(std::ptrdiff_t rows, std::ptrdiff_t inner, LeftOperand a, RightOperand b, int packets, std::ptrdiff_t column,
                    int columns, const Epilogue& epilogue, const float* ahead = nullptr) {
  constexpr std::ptrdiff_t most = RegisterTile<Lanes>::rows, float_size = sizeof(float);
  alignas(64) float sums[tile_floats<Lanes>];
  Ahead soon{reinterpret_cast<const char*>(ahead), b.step * float_size / ((rows + most - 1) / most)};
  if (ahead == nullptr) soon = {reinterpret_cast<const char*>(a.data + most * a.row), most * float_size};
  for (std::ptrdiff_t row = 0; row < rows;) {
    const int height = ProductTile<Lanes>::rows_at_once(rows - row);
    ProductTile<Lanes>::run(height, packets, inner, {a.data + row * a.row, a.row, a.step}, b, soon, sums);
    epilogue(Tile{row, column, height, columns, sums, packets * Lanes});
    soon.data += inner * soon.step;
    row += height;
  }
}

// Copies columns [first, first + columns) of x (rows × stride) next to each other, `width` floats a row, zeros behind the last column.
inline void gather_columns(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                           float* panel) {
  for (std::ptrdiff_t row = 0; row < rows; ++row) {
    float* const to = panel + row * width;
    std::copy_n(x + row * stride + first, columns, to);
    std::fill(to + columns, to + width, 0.0F);
  }
}

}  // namespace tessera::detail
