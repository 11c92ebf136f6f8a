// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes over register tiles, handed to the epilogue as floats (kernels/product.hpp has the same for floats). With the integer
// sums
//
//     S[n,c] = Σ_k a[n,k] · b[k,c]
//
// of a left operand with the scales r and a right operand with the scales t (kernels/int8/quantise.hpp, weights.hpp),
//
//     s[n,c] = S[n,c] · r.scale[n] · t.scale[c] + r.offset[n] · t.offset[c]
//
// is the sum that the epilogue takes. One operand has activations and the other one weights.

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/int8/weights.hpp"
#include "tessera/kernels/shared_product.hpp"

namespace tessera::detail {

// Sums of a tile beside its operands must fit into the registers. 6 rows of 4 packets leave some of the 32 that AVX-512 has.
template <Isa I>
inline constexpr int int8_tile_rows = 6;

// Row r of the left operand is at data + r·stride, and its groups follow each other.
struct Int8Left {
  const std::byte* data;
  std::ptrdiff_t stride;  // bytes
  Int8ConstScales scales;
  bool weights;  // and the right operand has activations, or the other way round
};
// Rows of activations as a left operand, in memory of the caller's.
template <Isa I>
struct Int8Activations {
  static constexpr std::size_t floats(std::int64_t rows, std::int64_t inner) {
    const auto n = static_cast<std::size_t>(rows);
    return 2 * Scratch::rounded(n) +
           Scratch::rounded(n * static_cast<std::size_t>(row_bytes<I>(static_cast<std::ptrdiff_t>(inner))) / sizeof(float));
  }
  // Quantises `rows` rows of x, one after the other.
  static Int8Left quantised(const float* x, std::ptrdiff_t rows, std::ptrdiff_t inner, Scratch::Frame& frame, Scratch& scratch) {
    const auto n = static_cast<std::size_t>(rows);
    const std::ptrdiff_t stride = row_bytes<I>(inner);
    float* const scale = frame.take(n);
    float* const offset = frame.take(n);
    auto* const bytes = reinterpret_cast<std::byte*>(frame.take(n * static_cast<std::size_t>(stride) / sizeof(float)));
    scratch.split(rows, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      for (std::ptrdiff_t row = first; row < first + count; ++row)
        quantise_row<I>(x + row * inner, inner, bytes + row * stride, scale[row], offset[row]);
    });
    return {bytes, stride, {scale, offset}, false};
  }
};
// A panel of columns, group by group; its scales are those of its columns.
struct Int8Panel {
  const std::byte* data;
  Int8ConstScales scales;
  int packets, columns;
  std::ptrdiff_t groups;
};

template <Isa I, int Rows, int Packets>
using Int8Sums = typename Int8Dot<I>::Sums[static_cast<std::size_t>(Rows)][static_cast<std::size_t>(Packets)];

// Sums whose registers are not named go through memory, and packets are read again in every row. The portable form has no registers.
template <class Dot, class Value>
EIGEN_ALWAYS_INLINE Value kept(Value value) {
  if constexpr (Dot::fast)
    return in_register(value);
  else
    return value;
}

// The sums of a tile, handed to take(sums) in registers. Of the left operand there are `rows` rows; the tile's rows beyond them are the
// last one again. Meanwhile `ahead` is fetched into the second-level cache, `step` bytes for every group.
template <Isa I, bool WeightsLeft, int Rows, int Packets, class Take>
EIGEN_ALWAYS_INLINE void int8_tile(std::ptrdiff_t groups, const std::byte* left, std::ptrdiff_t stride, int rows, const std::byte* right,
                                   const std::byte* ahead, std::ptrdiff_t step, const Take& take) {
  using Dot = Int8Dot<I>;
  constexpr std::ptrdiff_t bytes = 4 * lanes_of<I>;
  Int8Sums<I, Rows, Packets> sum;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) sum[r][p] = Dot::zeros();
  const std::byte* row[static_cast<std::size_t>(Rows)];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) row[r] = left + std::min(r, rows - 1) * stride;
  for (std::ptrdiff_t g = 0; g < groups; ++g) {
    typename Dot::Bytes packet[static_cast<std::size_t>(Packets)];
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) packet[p] = kept<Dot>(Dot::load(right + p * bytes));
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const typename Dot::Bytes here = Dot::broadcast(row[r] + 4 * g);
#pragma GCC unroll 16
      for (int p = 0; p < Packets; ++p)
        sum[r][p] = kept<Dot>(WeightsLeft ? Dot::add(sum[r][p], packet[p], here) : Dot::add(sum[r][p], here, packet[p]));
    }
    right += Packets * bytes;
    __builtin_prefetch(ahead, 0, 2);
    ahead += step;
  }
  take(sum);
}

// A tile of `rows` rows as floats with bias, at `sums`, row stride Packets · lanes.
template <Isa I, bool WeightsLeft, int Rows, int Packets>
EIGEN_DONT_INLINE void int8_tile_to_floats(const Int8Left& given, std::ptrdiff_t row, int rows, const Int8Panel& panel,
                                           const std::byte* ahead, std::ptrdiff_t step, std::ptrdiff_t column, const Epilogue& epilogue,
                                           float* sums) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  // A copy, which the stores cannot change.
  const Int8Left left = given;
  const Int8ConstScales columns = panel.scales;
  const float* const bias = epilogue.bias;
  const BiasOf bias_of = epilogue.bias_of;
  int8_tile<I, WeightsLeft, Rows, Packets>(
      panel.groups, left.data + row * left.stride, left.stride, rows, panel.data, ahead, step,
      [&](const Int8Sums<I, Rows, Packets>& sum) __attribute__((always_inline)) {
        const P none = pset1<P>(0.0F);
        P scale[static_cast<std::size_t>(Packets)], offset[static_cast<std::size_t>(Packets)], start[static_cast<std::size_t>(Packets)];
#pragma GCC unroll 16
        for (int p = 0; p < Packets; ++p) {
          scale[p] = ploadu<P>(columns.scale + p * lanes_of<I>);
          offset[p] = ploadu<P>(columns.offset + p * lanes_of<I>);
          start[p] = none;
          if (bias_of == BiasOf::channel && p * lanes_of<I> < panel.columns) start[p] = ploadu<P>(bias + column + p * lanes_of<I>);
        }
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
          const std::ptrdiff_t n = row + std::min(r, rows - 1);
          const P row_scale = pset1<P>(left.scales.scale[n]), row_offset = pset1<P>(left.scales.offset[n]);
          const P row_start = bias_of == BiasOf::token ? pset1<P>(bias[n]) : none;
#pragma GCC unroll 16
          for (int p = 0; p < Packets; ++p) {
            const P base = pmadd(row_offset, offset[p], padd(start[p], row_start));
            pstoreu(sums + (r * Packets + p) * lanes_of<I>, pmadd(P(Int8Dot<I>::to_floats(sum[r][p])), pmul(row_scale, scale[p]), base));
          }
        }
      });
}

// Rows [range.first, range.first + range.count) of the product with one panel, whose first column is column `column` of y. Meanwhile
// `ahead` is fetched, as many bytes as the panel has.
template <Isa I>
class Int8Product {
  static constexpr int max_rows = int8_tile_rows<I>, max_packets = RegisterTile<I>::packets;

 public:
  static void multiply(RowRange range, const Int8Left& left, const Int8Panel& panel, const std::byte* ahead, std::ptrdiff_t column,
                       const Epilogue& epilogue) {
    if (panel.packets == max_packets) return with_packets<max_packets>(range, left, panel, ahead, column, epilogue);
    if constexpr (max_packets > 2) {
      if (panel.packets == 2) return with_packets<2>(range, left, panel, ahead, column, epilogue);
    }
    with_packets<1>(range, left, panel, ahead, column, epilogue);
  }

 private:
  template <int Packets>
  static void with_packets(RowRange range, const Int8Left& left, const Int8Panel& panel, const std::byte* ahead, std::ptrdiff_t column,
                           const Epilogue& epilogue) {
    constexpr std::ptrdiff_t width = Packets * lanes_of<I>;
    alignas(64) float sums[static_cast<std::size_t>(max_rows * width)];
    const EvenTiles<I, max_rows> tiles(range.count);
    const std::ptrdiff_t step = (4 * width + tiles.count - 1) / tiles.count;
    for (std::ptrdiff_t tile = 0; tile < tiles.count; ++tile) {
      const std::ptrdiff_t row = range.first + tiles.first(tile);
      const int rows = tiles.height(tile);
      for (int r = 0; r < rows; ++r)
        for (int j = 0; j < panel.columns; j += lanes_of<I>)
          __builtin_prefetch(epilogue.y + (row + r) * epilogue.stride + column + j, 1, 3);
      const auto run = left.weights ? tile_of<true, Packets, max_rows>(rows) : tile_of<false, Packets, max_rows>(rows);
      run(left, row, rows, panel, ahead + tile * step * panel.groups, step, column, epilogue, sums);
      finish<I>(epilogue, Tile{row, column, rows, panel.columns, sums, width});
    }
  }

  // The function for tiles of `rows` rows. Not every height is compiled: 1, 4, 5 and 6 of a whole tile, one or all of a narrow one.
  static constexpr int lower(int packets, int rows) { return rows <= 4 || packets < max_packets ? 1 : rows - 1; }
  template <bool WeightsLeft, int Packets, int Rows>
  static auto tile_of(int rows) {
    if constexpr (Rows > 1) {
      if (rows <= lower(Packets, Rows)) return tile_of<WeightsLeft, Packets, lower(Packets, Rows)>(rows);
    }
    return &int8_tile_to_floats<I, WeightsLeft, Rows, Packets>;
  }
};

// y = x · Wᵀ with quantised rows of x, for some of the rows. The register tiles of all panels are one long row of tiles, which the workers
// divide.
template <Isa I>
void multiply_int8_panels(const Int8Left& x, RowRange range, const Int8Panels<I>& weights, const Epilogue& epilogue, Scratch& scratch) {
  constexpr std::ptrdiff_t height = int8_tile_rows<I>;
  const std::ptrdiff_t tiles = (range.count + height - 1) / height, panels = (weights.columns() + panel_width<I> - 1) / panel_width<I>;
  scratch.split(tiles * panels, 1, [&](std::ptrdiff_t tile, std::ptrdiff_t count, Scratch&) {
    for (const std::ptrdiff_t end = tile + count; tile < end;) {
      const std::ptrdiff_t column = tile / tiles * panel_width<I>, row = tile % tiles * height;
      const std::ptrdiff_t here = std::min(tiles - tile % tiles, end - tile);
      const int packets = weights.packets(column);
      const std::byte* const panel = weights.panel(column);
      tile += here;
      Int8Product<I>::multiply(RowRange{range.first + row, std::min(here * height, range.count - row)}, x,
                               {panel, weights.scales(column), packets,
                                static_cast<int>(std::min<std::ptrdiff_t>(panel_width<I>, weights.columns() - column)), weights.groups()},
                               panel + packets * 4 * lanes_of<I> * weights.groups(), column, epilogue);
    }
  });
}

}  // namespace tessera::detail
