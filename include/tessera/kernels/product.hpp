// SPDX-License-Identifier: MIT
#pragma once

// The product of a left operand and one panel of columns, over register tiles, each handed to an epilogue while it is in the first-level
// cache. For y = x · Wᵀ (channel mixing) the panel is one of packed weights, for y = W · x (token mixing) it is one of activations and the
// row-major weights are on the left.
//
#include <algorithm>

#include "tessera/kernels/epilogue.hpp"
#include "tessera/kernels/panels.hpp"

namespace tessera::detail {

template <Isa I>
inline constexpr std::size_t tile_floats = static_cast<std::size_t>(RegisterTile<I>::rows) * panel_width<I>;

// Sums of rows [row, row + rows) and columns [column, column + columns) of a product, row r at sums + r·stride. They begin with the bias.
// Up to the next packet there is room after the last column.
struct Tile {
  std::ptrdiff_t row, column;
  int rows, columns;
  float* sums;
  std::ptrdiff_t stride;
};

// Puts a tile through an epilogue, and spoils the sums. An incomplete packet at the end of a row goes through a small copy, so that nothing
// after the row is touched.
template <Isa I>
EIGEN_DONT_INLINE void finish(const Epilogue& epilogue, const Tile& tile) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  const std::ptrdiff_t whole = tile.columns / lanes_of<I> * lanes_of<I>, packets = (tile.columns + lanes_of<I> - 1) / lanes_of<I>;
  float* const y = epilogue.y + tile.row * epilogue.stride + tile.column;
  if (epilogue.activation.relu) {
    activate<I, ReluKernel>(tile.sums, tile.stride, tile.sums, tile.stride, tile.rows, packets * lanes_of<I>);
  } else if (epilogue.activation.function != nullptr) {
    // The usual case is done with that.
    const bool all = epilogue.combine == Combine::store && whole == tile.columns;
    float* const to = all ? y : tile.sums;
    epilogue.activation.function(tile.sums, tile.stride, to, all ? epilogue.stride : tile.stride, tile.rows, packets * lanes_of<I>);
    if (all) return;
  }
  with_combine(epilogue.combine, [&]<Combine How>(CombineConstant<How>) {
    for (int r = 0; r < tile.rows; ++r) {
      const std::ptrdiff_t n = tile.row + r;
      float* const to = y + r * epilogue.stride;
      const float* const sums = tile.sums + r * tile.stride;
      const auto update = [&](std::ptrdiff_t j, const float* old) {
        return combined<How>(epilogue, n, tile.column + j, P(ploadu<P>(sums + j)), P(ploadu<P>(old)));
      };
      for (std::ptrdiff_t j = 0; j < whole; j += lanes_of<I>) pstoreu(to + j, update(j, to + j));
      if (whole < tile.columns) {
        float old[lanes_of<I>] = {};
        std::copy_n(to + whole, tile.columns - whole, old);
        pstoreu(old, update(whole, old));
        std::copy_n(old, tile.columns - whole, to + whole);
      }
    }
  });
}

// A full tile, the last sums of which go through the epilogue without being stored, where they need no function of whole tiles. Memory of y
// is fetched before them: stores that wait for it would hold up the loads of the next tile. `sums` is memory for a tile, the first sums of
// which may be there.
template <Isa I>
EIGEN_DONT_INLINE void finish_product(std::ptrdiff_t inner, LeftOperand a, const float* b, Ahead ahead, std::ptrdiff_t row,
                                      std::ptrdiff_t column, const Epilogue& given, float* sums, bool add_to_them) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int rows = RegisterTile<I>::rows, packets = RegisterTile<I>::packets, width = panel_width<I>;
  const std::ptrdiff_t before = (inner - 1) / terms_in_a_row * terms_in_a_row;
  if (before > 0) ProductTile<I>::run(packets, {before, a, rows, b, ahead, sums, add_to_them});
  const bool have_sums = before > 0 || add_to_them;
  // A copy, which the stores cannot change.
  const Epilogue epilogue = given;
  float* const y = epilogue.y + row * epilogue.stride + column;
#pragma GCC unroll 16
  for (int r = 0; r < rows; ++r)
#pragma GCC unroll 16
    for (int p = 0; p < packets; ++p) __builtin_prefetch(y + r * epilogue.stride + p * lanes_of<I>, 1, 3);
  const auto begin = [&](TileSums<I, rows, packets>& sum) __attribute__((always_inline)) {
    const bool of_channel = epilogue.bias_of == BiasOf::channel;
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r) {
      const P first = of_channel || epilogue.bias_of == BiasOf::none ? pset1<P>(0.0F) : pset1<P>(epilogue.bias[row + r]);
#pragma GCC unroll 16
      for (int p = 0; p < packets; ++p) sum[r][p] = first;
    }
    if (!of_channel) return;
#pragma GCC unroll 16
    for (int p = 0; p < packets; ++p) {
      const P first = ploadu<P>(epilogue.bias + column + p * lanes_of<I>);
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) sum[r][p] = first;
    }
  };
  const auto take = [&](TileSums<I, rows, packets>& sum) __attribute__((always_inline)) {
    if (have_sums) {
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r)
#pragma GCC unroll 16
        for (int p = 0; p < packets; ++p) sum[r][p] = padd(ploadu<P>(sums + r * width + p * lanes_of<I>), sum[r][p]);
    }
    if (epilogue.activation.relu) {
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r)
#pragma GCC unroll 16
        for (int p = 0; p < packets; ++p) sum[r][p] = ReluKernel::apply(sum[r][p]);
    }
    const auto to_y = [&]<Combine How>(CombineConstant<How>) __attribute__((always_inline)) {
#pragma GCC unroll 16
      for (int r = 0; r < rows; ++r) {
        float* const line = computed_here(y + r * epilogue.stride);
#pragma GCC unroll 16
        for (int p = 0; p < packets; ++p) {
          float* const to = line + p * lanes_of<I>;
          pstoreu(to, combined<How>(epilogue, row + r, column + p * lanes_of<I>, sum[r][p], P(ploadu<P>(to))));
        }
      }
    };
    if (epilogue.activation.function == nullptr) {
      if (epilogue.combine == Combine::store) return to_y(CombineConstant<Combine::store>{});
      if (epilogue.combine == Combine::add) return to_y(CombineConstant<Combine::add>{});
      if (epilogue.combine == Combine::add_gain) return to_y(CombineConstant<Combine::add_gain>{});
    }
#pragma GCC unroll 16
    for (int r = 0; r < rows; ++r)
#pragma GCC unroll 16
      for (int p = 0; p < packets; ++p) pstoreu(sums + r * width + p * lanes_of<I>, sum[r][p]);
    Epilogue rest = epilogue;
    rest.activation.relu = false;
    finish<I>(rest, Tile{row, column, rows, width, sums, width});
  };
  const Ahead from_here{ahead.left + before * rows * static_cast<std::ptrdiff_t>(sizeof(float)), ahead.right + before * ahead.right_step,
                        ahead.right_step};
  const std::ptrdiff_t terms = inner - before;
  sum_products<I, rows, packets>(
      terms, {a.data + before, a.row}, rows, b + before * width, from_here, begin, terms, [](std::ptrdiff_t) {}, take);
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

// All row tiles of one panel of columns. Meanwhile `ahead` is fetched, which is needed soon after it.
// Few rows are done with a panel before another long one is fetched, and the second-level cache may not hold both: they go through it in
// pieces of the inner dimension.
template <Isa I>
void multiply_panel(RowRange range, std::ptrdiff_t inner, LeftOperand a, const float* b, int packets, std::ptrdiff_t column, int columns,
                    const Epilogue& epilogue, const float* ahead = nullptr) {
  using P = Packet<I>;
  using Eigen::internal::pstoreu;
  constexpr std::ptrdiff_t few = 8, piece = 2 * terms_in_a_row;
  alignas(64) float sums[few * tile_floats<I>];
  const bool in_pieces = range.count <= few * RegisterTile<I>::rows && inner > piece;
  const int width = packets * lanes_of<I>;
  for (std::ptrdiff_t first = 0, terms = 0; first < inner; first += terms) {
    terms = in_pieces ? std::min(piece, inner - first) : inner;
    const bool last = first + terms == inner;
    const float* const panel = b + first * width;
    const float* const next = !last ? panel + terms * width : ahead == nullptr ? b : ahead;
    std::ptrdiff_t number = 0;
    for_row_tiles<I>(range, terms, {a.data + first, a.row}, packets, next,
                     [&](std::ptrdiff_t row, int height, LeftOperand rows, const Ahead& soon) {
                       float* const tile = sums + (in_pieces ? number++ : 0) * static_cast<std::ptrdiff_t>(tile_floats<I>);
                       if (last && height == RegisterTile<I>::rows && columns == panel_width<I>)
                         return finish_product<I>(terms, rows, panel, soon, row, column, epilogue, tile, first > 0);
                       TileWork<I> work{terms, rows, height, panel, soon, tile, first > 0};
                       if (!last) return ProductTile<I>::run(packets, work);
                       alignas(64) float start[tile_floats<I>] = {};
                       for (int r = 0; r < height; ++r)
                         for (int j = 0; j < columns; j += lanes_of<I>) {
                           __builtin_prefetch(epilogue.y + (row + r) * epilogue.stride + column + j, 1, 3);
                           pstoreu(start + r * width + j, bias_at<P>(epilogue, row + r, column + j));
                         }
                       if (epilogue.bias_of != BiasOf::none) work.start = start;
                       ProductTile<I>::run(packets, work);
                       finish<I>(epilogue, Tile{row, column, height, columns, tile, width});
                     });
  }
}

}  // namespace tessera::detail
