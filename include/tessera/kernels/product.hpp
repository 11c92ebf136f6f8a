// SPDX-License-Identifier: MIT
#pragma once

// The product of a left operand and one panel of columns, over register tiles, each handed to an epilogue while it is in the first-level
// cache. For y = x · Wᵀ (channel mixing) the panel is one of packed weights, for y = W · x (token mixing) it is one of activations and the
// row-major weights are on the left.
//
// An epilogue says where y lies and what becomes of it, packet by packet:
//
//     float* y;  std::ptrdiff_t stride;
//     Bias bias;                            its start<P>(n, c) is what the sums of y[n,c], ... begin with; zero where there is none
//     P update(n, c, sum, old) const        the new y[n,c], ..., of the packet of sums and the packet of y
//
// Per-channel vectors that it reads are readable up to the end of the packet that holds their last element.

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

template <class P, class Epilogue>
EIGEN_ALWAYS_INLINE P start_of(const Epilogue& epilogue, std::ptrdiff_t n, std::ptrdiff_t c) {
  if constexpr (requires { epilogue.bias.template start<P>(n, c); }) {
    return epilogue.bias.template start<P>(n, c);
  } else {
    return Eigen::internal::pset1<P>(0.0F);
  }
}

template <Isa I>
inline constexpr std::size_t tile_floats = static_cast<std::size_t>(RegisterTile<I>::rows) * panel_width<I>;

// Puts a tile through an epilogue. An incomplete packet at the end of a row goes through a small copy, so that nothing behind the row is
// touched.
template <Isa I, class Epilogue>
void finish(const Epilogue& epilogue, const Tile& tile) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  for (int r = 0; r < tile.rows; ++r) {
    const std::ptrdiff_t n = tile.row + r;
    float* const to = epilogue.y + n * epilogue.stride + tile.column;
    const float* const sums = tile.sums + r * tile.stride;
    const auto update = [&](int j, const float* old) {
      const std::ptrdiff_t c = tile.column + j;
      const P sum = ploadu<P>(sums + j);
      return epilogue.update(n, c, sum, P(ploadu<P>(old)));
    };
    int j = 0;
    for (; j + lanes_of<I> <= tile.columns; j += lanes_of<I>) pstoreu(to + j, update(j, to + j));
    if (j < tile.columns) {
      float old[lanes_of<I>] = {};
      std::copy_n(to + j, tile.columns - j, old);
      pstoreu(old, update(j, old));
      std::copy_n(old, tile.columns - j, to + j);
    }
  }
}

// A full tile, the last sums of which go through the epilogue without being stored. Memory of y is fetched before them: stores that wait
// for it would hold up the loads of the next tile. `sums` is memory for a tile, the first sums of which may be there.
template <Isa I, class Epilogue>
EIGEN_DONT_INLINE void finish_product(std::ptrdiff_t inner, LeftOperand a, const float* b, Ahead ahead, std::ptrdiff_t row,
                                      std::ptrdiff_t column, Epilogue epilogue, float* sums, bool add_to_them) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int rows = RegisterTile<I>::rows, packets = RegisterTile<I>::packets;
  const std::ptrdiff_t before = (inner - 1) / terms_in_a_row * terms_in_a_row;
  if (before > 0) product_tile<I, rows, packets>(before, a, b, ahead, sums, add_to_them, nullptr);
  const bool have_sums = before > 0 || add_to_them;
  float* const y = epilogue.y + row * epilogue.stride + column;
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 16
    for (int p = 0; p < packets; ++p) __builtin_prefetch(y + r * epilogue.stride + p * lanes_of<I>, 1, 3);
  const auto start = [&](int r, int p) { return start_of<P>(epilogue, row + r, column + p * lanes_of<I>); };
  const auto take = [&](const P(&sum)[rows][packets]) __attribute__((always_inline)) {
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      float* const line = computed_here(y + r * epilogue.stride);
#pragma GCC unroll 16
      for (int p = 0; p < packets; ++p) {
        float* const to = line + p * lanes_of<I>;
        const P all = have_sums ? padd(ploadu<P>(sums + (r * packets + p) * lanes_of<I>), sum[r][p]) : sum[r][p];
        pstoreu(to, epilogue.update(row + r, column + p * lanes_of<I>, all, P(ploadu<P>(to))));
      }
    }
  };
  sum_piece<I, rows, packets>(before, inner - before, a, b, ahead, start, take);
}

// Rows [first, first + count) of a matrix.
struct RowRange {
  std::ptrdiff_t first, count;
};

// visit(row, height, rows, ahead) for all row tiles of a product with one panel, rows those of a, which begins at row 0. Meanwhile the
// rows of the next tile are fetched, and `next`, as many bytes as the panel has.
template <Isa I, class Visit>
void for_row_tiles(RowRange range, std::ptrdiff_t inner, LeftOperand a, int packets, const float* next, const Visit& visit) {
  const EvenTiles<I> tiles(range.count);
  const std::ptrdiff_t panel = inner * packets * lanes_of<I>, right_step = bytes_with_every_k(packets * lanes_of<I>, tiles.count);
  for (std::ptrdiff_t tile = 0; tile < tiles.count; ++tile) {
    const std::ptrdiff_t row = range.first + tiles.first(tile);
    const int height = tiles.height(tile);
    // Behind the last tile, another panel begins with the first one.
    const std::ptrdiff_t row_after = tile + 1 < tiles.count ? row + height : range.first;
    visit(row, height, LeftOperand{a.data + row * a.row, a.row},
          Ahead{bytes(a.data + row_after * a.row), bytes(next + tile * panel / tiles.count), right_step});
  }
}

// All row tiles of one panel of columns. Meanwhile `ahead` is fetched, which is wanted soon after it.
// Few rows are done with a panel before another long one is fetched, and the second-level cache may not hold both: they go through it in
// pieces of the inner dimension.
template <Isa I, class Epilogue>
void multiply_panel(RowRange range, std::ptrdiff_t inner, LeftOperand a, const float* b, int packets, std::ptrdiff_t column, int columns,
                    const Epilogue& epilogue, const float* ahead = nullptr) {
  using Eigen::internal::pstoreu;
  constexpr std::ptrdiff_t few = 8, piece = 2 * terms_in_a_row;
  alignas(64) float sums[few * tile_floats<I>];
  const bool in_pieces = range.count <= few * RegisterTile<I>::rows && inner > piece;
  const int width = packets * lanes_of<I>;
  for (std::ptrdiff_t first = 0, terms = 0; first < inner; first += terms) {
    terms = in_pieces ? std::min(piece, inner - first) : inner;
    const bool last = first + terms == inner;
    const float* const here = b + first * width;
    const float* const next = !last ? here + terms * width : ahead == nullptr ? b : ahead;
    for_row_tiles<I>(range, terms, {a.data + first, a.row}, packets, next,
                         [&](std::ptrdiff_t row, int height, LeftOperand rows, const Ahead& soon) {
                           float* const tile = sums + (in_pieces ? (row - range.first) * width : 0);
                           if (last && height == RegisterTile<I>::rows && columns == panel_width<I>)
                             return finish_product<I>(terms, rows, here, soon, row, column, epilogue, tile, first > 0);
                           if (!last) return ProductTile<I>::run(height, packets, terms, rows, here, soon, tile, first > 0);
                           alignas(64) float start[tile_floats<I>] = {};
                           for (int r = 0; r < height; ++r)
                             for (int j = 0; j < columns; j += lanes_of<I>) {
                               __builtin_prefetch(epilogue.y + (row + r) * epilogue.stride + column + j, 1, 3);
                               pstoreu(start + r * width + j, start_of<Packet<I>>(epilogue, row + r, column + j));
                             }
                           ProductTile<I>::run(height, packets, terms, rows, here, soon, tile, first > 0, start);
                           finish<I>(epilogue, Tile{row, column, height, columns, tile, width});
                         });
  }
}

// Copies columns [first, first + columns) of x (rows × stride) next to each other, `width` floats a row, zeros behind the last column.
template <Isa I>
void gather_columns(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                    float* panel) {
  for (std::ptrdiff_t row = 0; row < rows; ++row) {
    const float* const from = x + row * stride + first;
    float* const to = panel + row * width;
    if (columns == panel_width<I>) {
      std::copy_n(from, panel_width<I>, to);
    } else {
      std::copy_n(from, columns, to);
      std::fill(to + columns, to + width, 0.0F);
    }
  }
}

}  // namespace tessera::detail
