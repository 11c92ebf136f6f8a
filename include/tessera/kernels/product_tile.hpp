// SPDX-License-Identifier: MIT
#pragma once

// The micro-kernel of every matrix product: one register tile, the inner dimension innermost,
//
//     tile[r, j] = Σ_k a[r, k] · b[k, j]        r < rows    j < packets · lanes
//
// a is broadcast element by element, b is read packet by packet. The order of summation over k is fixed, so a sum has the same
// bits in whichever tile it is computed. Long sums are made of partial sums over 256 k each, which keeps rounding errors small: with 4096
// terms in one chain the deepest Mixers drift three times as far from the exact result. The tile goes to memory (it stays in the
// first-level cache); what happens to it next is the caller's epilogue.

#include <algorithm>
#include <type_traits>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

// Element (r, k) of the left operand is at data[r·row + k]. The right operand is a pointer, its element (k, j) at b[k·packets·lanes + j].
struct LeftOperand {
  const float* data;
  std::ptrdiff_t row;
};

// What is fetched while a tile is computed: memory takes a hundred times as long as a multiplication.
struct Ahead {
  const char* left;           // the rows of the next tile, one float of each row for every k, into the first-level cache
  const char* right;          // operands of a later product, `right_step` bytes for every k, into the second-level cache
  std::ptrdiff_t right_step;  // always 8 where there are 16 registers
};
inline const char* bytes(const float* data) { return reinterpret_cast<const char*>(data); }
// Bytes that each of `tiles` tiles fetches for every k, of an operand with `floats` floats for every k.
constexpr std::ptrdiff_t bytes_with_every_k(std::ptrdiff_t floats, std::ptrdiff_t tiles) {
  return (floats * static_cast<std::ptrdiff_t>(sizeof(float)) + tiles - 1) / tiles;
}

inline constexpr std::ptrdiff_t terms_in_a_row = 256;

// Sums of a register tile, row after row.
template <Isa I, int Rows, int Packets>
using TileSums = Packet<I>[static_cast<std::size_t>(Rows)][static_cast<std::size_t>(Packets)];

// Whether a tile of this size is computed for as many rows only as it has (ProductTile).
template <Isa I, int Rows, int Packets>
inline constexpr bool exact_height = Rows == 1 || (Rows > 4 && Packets == RegisterTile<I>::packets);

// Adds the products of one k: row[r][k] is a number of the left operand, right points to Packets packets of the right one.
template <Isa I, int Rows, int Packets>
EIGEN_ALWAYS_INLINE void add_products(TileSums<I, Rows, Packets>& sum, const float* const (&row)[static_cast<std::size_t>(Rows)],
                                      std::ptrdiff_t k, const float* right) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  // Left to themselves, compilers overwrite a packet in its last multiplication and copy sums instead, or read a packet again in every row.
  constexpr bool keep = Rows > 1 && Rows * Packets + Packets < registers<I>;
  constexpr bool full = !has_amx<I> && Rows * Packets + Packets == registers<I>;
  P packet[static_cast<std::size_t>(Packets)];
#pragma GCC unroll 16
  for (int p = 0; p < Packets; ++p) {
    packet[p] = ploadu<P>(right + p * lanes_of<I>);
    if constexpr (keep) packet[p] = in_register(packet[p]);
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    // Sums, loaded packets and the broadcast one may be one too many for all registers. Compilers keep a sum in memory then, which is
    // right where reads slow multiplications down; on other cores the last packet is read again in every row.
    if constexpr (full) {
      asm volatile("" ::: "memory");
      packet[Packets - 1] = ploadu<P>(right + (Packets - 1) * lanes_of<I>);
    }
    const P left = pset1<P>(row[r][k]);
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) sum[r][p] = pmadd(left, packet[p], sum[r][p]);
    if constexpr (full) row_by_row(sum[r]);
    if constexpr (keep) {
      if (r + 1 < Rows) needed_until_here(left);
    }
  }
  if constexpr (keep)
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) needed_until_here(packet[p]);
}

// The sums of a register tile over `terms` of k, which begin(sums) has set, handed to take(sums) in registers. Of the left operand there
// are `rows` rows; the tile's rows beyond them are the last one again. After every `every` k there is time for an errand, errand(0),
// errand(1), ...: a little work on memory, which the multiplications hide. `begin` and `take` must be inlined: sums that are handed to a
// function are in memory.
template <Isa I, int Rows, int Packets, class Begin, class Errand, class Take>
EIGEN_ALWAYS_INLINE void sum_products(std::ptrdiff_t terms, LeftOperand a, int rows, const float* b, Ahead ahead, const Begin& begin,
                                      std::ptrdiff_t every, const Errand& errand, const Take& take) {
  // Without complete unrolling the sums would live in memory; at -O2 compilers need to be asked.
  TileSums<I, Rows, Packets> sum;
  begin(sum);
  const float* row[static_cast<std::size_t>(Rows)];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) row[r] = a.data + (exact_height<I, Rows, Packets> ? r : std::min(r, rows - 1)) * a.row;
  constexpr int steps = RegisterTile<I>::steps, width = Packets * lanes_of<I>;
  constexpr std::ptrdiff_t left_step = Rows * sizeof(float);
  for (std::ptrdiff_t k = 0, pauses = 0; k < terms; ++pauses) {
    // A few k at a time share the counting and the fetching.
    const std::ptrdiff_t pause = std::min(terms, k + every);
    if constexpr (steps == 2) {
      // An odd last k is within the loop: after it, compilers would put sums into memory where there are no registers to spare.
      for (; k < pause; k += 2) {
#pragma GCC unroll 2
        for (int i = 0; i < 2; ++i) {
          if (k + i == pause) break;
          add_products<I, Rows, Packets>(sum, row, k + i, b + i * width);
        }
        b += 2 * width;
        __builtin_prefetch(ahead.left, 0, 3);
        ahead.left += 2 * left_step;
        __builtin_prefetch(ahead.right, 0, 2);
        __builtin_prefetch(ahead.right + ahead.right_step, 0, 2);
        ahead.right += 2 * ahead.right_step;
      }
      if (k > pause) {
        k = pause;
        b -= width;
      }
    } else {
      // Of `last` compilers know nothing, or they would work out again, after the loop, what they have in registers.
      for (std::ptrdiff_t last = pause - steps; k <= last; k += steps, last = computed_here(last)) {
#pragma GCC unroll 16
        for (int i = 0; i < steps; ++i) add_products<I, Rows, Packets>(sum, row, k + i, b + i * width);
        b += steps * width;
        __builtin_prefetch(ahead.left, 0, 3);
        __builtin_prefetch(ahead.left + steps / 2 * left_step, 0, 3);
        ahead.left += steps * left_step;
        // 8 bytes with every k, an address that needs no addition: enough for eight tiles and more. What is not needed is fetched twice.
        __builtin_prefetch(computed_here(ahead.right) + 8 * k, 0, 2);
      }
      for (; k < pause; ++k, b += width) add_products<I, Rows, Packets>(sum, row, k, b);
    }
    errand(pauses);
  }
  take(sum);
}

// A sum of two panels in the making: rows [0, rows) of b + c or b - c, a panel's width each.
template <Isa I>
struct PanelSum {
  static constexpr int width = panel_width<I>;
  const float* b = nullptr;
  const float* c = nullptr;
  float* to = nullptr;
  std::ptrdiff_t rows = 0;
  bool negative = false;

  // From this row on, at most this many.
  PanelSum part(std::ptrdiff_t first, std::ptrdiff_t count) const {
    return {b + first * width, c + first * width, to + first * width, std::min(count, rows - first), negative};
  }
  EIGEN_ALWAYS_INLINE void add(std::ptrdiff_t row) const {
    using namespace Eigen::internal;
    using P = Packet<I>;
    if (row >= rows) return;
    const std::ptrdiff_t at = row * width;
    if (negative) {
#pragma GCC unroll 16
      for (int j = 0; j < width; j += lanes_of<I>) pstoreu(to + at + j, psub(ploadu<P>(b + at + j), ploadu<P>(c + at + j)));
    } else {
#pragma GCC unroll 16
      for (int j = 0; j < width; j += lanes_of<I>) pstoreu(to + at + j, padd(ploadu<P>(b + at + j), ploadu<P>(c + at + j)));
    }
  }
};

// Tiles of equal height, one below the other, of the product with one panel, and what is done while they are computed. Several tiles need a
// height that is compiled (ProductTile).
template <Isa I>
struct TileWork {
  std::ptrdiff_t inner;  // terms of each sum
  LeftOperand a;         // the rows of the first tile; those of the next one follow
  int rows;              // of each tile
  const float* b;
  Ahead ahead;       // left: what is used after the last tile; right: what goes on from tile to tile by as much as a tile fetches
  float* sums;       // the first tile's sums, row stride packets · lanes; the next one's follow (ProductTile::rows_written)
  bool add = false;  // to what is there
  const float* start = nullptr;  // a tile that sums begin with, or null for zeros. For a single tile
  std::ptrdiff_t tiles = 1;
  // A sum that the next product needs: each tile makes `beside_rows` rows of it, one after every `every` k. For sums of at most 256 terms.
  PanelSum<I> beside{};
  std::ptrdiff_t beside_rows = 0, every = 0;

  // Terms [first, first + count) of the sums of one tile.
  TileWork part(std::ptrdiff_t first, std::ptrdiff_t count, std::ptrdiff_t width) const {
    TileWork work = *this;
    work.inner = count;
    work.a.data += first;
    work.b += first * width;
    work.ahead.left += first * rows * static_cast<std::ptrdiff_t>(sizeof(float));
    work.ahead.right += first * ahead.right_step;
    work.add = add || first > 0;
    if (first + count < inner) work.start = nullptr;
    return work;
  }
};

// Computes them, for sums of at most terms_in_a_row terms. Not inlined: the sums of the largest tile need every register, and surroundings
// would compete for them.
template <Isa I, int Rows, int Packets>
EIGEN_DONT_INLINE void product_tiles(const TileWork<I>& given) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int width = Packets * lanes_of<I>;
  // A copy, which the stores cannot change.
  const TileWork<I> work = given;
  const float* a = work.a.data;
  float* sums = work.sums;
  const char* right = work.ahead.right;
  for (std::ptrdiff_t tile = 0; tile < work.tiles; ++tile) {
    const float* const following = a + Rows * work.a.row;
    const Ahead ahead{tile + 1 < work.tiles ? bytes(following) : work.ahead.left, right, work.ahead.right_step};
    const PanelSum<I> beside = work.beside.part(tile * work.beside_rows, work.beside_rows);
    sum_products<I, Rows, Packets>(
        work.inner, {a, work.a.row}, work.rows, work.b, ahead,
        [&](TileSums<I, Rows, Packets>& sum) __attribute__((always_inline)) {
#pragma GCC unroll 16
          for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
            for (int p = 0; p < Packets; ++p) sum[r][p] = pset1<P>(0.0F);
          if (work.start == nullptr) return;
#pragma GCC unroll 16
          for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
            for (int p = 0; p < Packets; ++p) sum[r][p] = ploadu<P>(work.start + (r * Packets + p) * lanes_of<I>);
        },
        beside.rows > 0 ? work.every : work.inner, [beside](std::ptrdiff_t row) __attribute__((always_inline)) { beside.add(row); },
        [&](const TileSums<I, Rows, Packets>& sum) __attribute__((always_inline)) {
#pragma GCC unroll 16
          for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
            for (int p = 0; p < Packets; ++p) {
              float* const to = sums + (r * Packets + p) * lanes_of<I>;
              pstoreu(to, work.add ? padd(ploadu<P>(to), sum[r][p]) : sum[r][p]);
            }
        });
    a = following;
    sums += Rows * width;
    right += work.inner * work.ahead.right_step;
  }
}

// At least one row in register tiles, as few as can be, of nearly equal height: low ones wait for their sums. First those of one row more.
template <Isa I, int MaxRows = RegisterTile<I>::rows>
struct EvenTiles {
  static constexpr int max_rows = MaxRows;
  std::ptrdiff_t count;   // of tiles
  int low;                // rows of most of them
  std::ptrdiff_t higher;  // this many of them have one row more

  explicit constexpr EvenTiles(std::ptrdiff_t rows)
      : count((rows + max_rows - 1) / max_rows), low(static_cast<int>(rows / count)), higher(rows % count) {}
  constexpr std::ptrdiff_t first(std::ptrdiff_t tile) const { return tile * low + std::min(tile, higher); }
  constexpr int height(std::ptrdiff_t tile) const { return low + (tile < higher ? 1 : 0); }
};

// Any number of rows up to the register tile's, and of packets the whole, half or a fourth. Not every height is compiled: EvenTiles gives
// two or three rows to the last tile of a small product at most, and narrow panels are rare. Such tiles are computed with more rows, which
// are the last one again: compiled are 1, 4, 5, ... rows of a whole tile, and one or all of a narrow one.
template <Isa I>
class ProductTile {
  static constexpr int max_rows = RegisterTile<I>::rows;
  static constexpr int max_packets = RegisterTile<I>::packets;
  static_assert(max_packets == 4 || max_packets == 2);

 public:
  // Rows of memory that tiles need which lie one after the other and have `rows` rows together.
  static constexpr std::ptrdiff_t rows_written(std::ptrdiff_t rows, int packets = max_packets) {
    return packets == max_packets && rows >= 8 ? rows : rows + max_rows - 2;
  }
  // Packets of the largest tile that is used for `left` columns: the full one, or one of half the width until it would be empty.
  static constexpr int packets_at_once(std::ptrdiff_t columns) {
    int packets = max_packets;
    while (packets > 1 && columns <= packets / 2 * lanes_of<I>) packets /= 2;
    return packets;
  }

  // Of several tiles, sums of at most terms_in_a_row terms.
  static void run(int packets, const TileWork<I>& work) {
    if (work.inner <= terms_in_a_row) return run_piece(packets, work);
    for (std::ptrdiff_t first = 0; first < work.inner; first += terms_in_a_row)
      run_piece(packets, work.part(first, std::min(work.inner - first, terms_in_a_row), packets * lanes_of<I>));
  }
  // All rows of a product with one panel, in these tiles: first the higher ones, then the others. The heights and numbers of tiles in
  // `work` are not used.
  static void run_all(int packets, const EvenTiles<I>& tiles, TileWork<I> work) {
    if (packets < max_packets) return run_each(packets, tiles, work);
    const char* const after = work.ahead.left;
    const std::ptrdiff_t first_low = tiles.first(tiles.higher);
    const float* const low = work.a.data + first_low * work.a.row;
    if (tiles.higher > 0) {
      work.rows = tiles.low + 1;
      work.tiles = tiles.higher;
      work.ahead.left = bytes(low);
      run(packets, work);
      work.a.data = low;
      work.sums += first_low * packets * lanes_of<I>;
      work.ahead.right += tiles.higher * work.inner * work.ahead.right_step;
      work.beside = work.beside.part(tiles.higher * work.beside_rows, work.beside.rows);
    }
    work.rows = tiles.low;
    work.tiles = tiles.count - tiles.higher;
    work.ahead.left = after;
    run(packets, work);
  }

 private:
  // Narrow tiles may be computed with more rows than they have, which the next tile then overwrites: one after the other.
  static void run_each(int packets, const EvenTiles<I>& tiles, TileWork<I> work) {
    const char* const after = work.ahead.left;
    for (std::ptrdiff_t tile = 0; tile < tiles.count; ++tile) {
      work.rows = tiles.height(tile);
      const float* const following = work.a.data + work.rows * work.a.row;
      work.ahead.left = tile + 1 < tiles.count ? bytes(following) : after;
      run(packets, work);
      work.a.data = following;
      work.sums += work.rows * packets * lanes_of<I>;
      work.ahead.right += work.inner * work.ahead.right_step;
    }
  }
  static void run_piece(int packets, const TileWork<I>& work) {
    if (packets == max_packets) return run_height<max_packets, max_rows>(work);
    if constexpr (max_packets > 2) {
      if (packets == 2) return run_height<2, max_rows>(work);
    }
    run_height<1, max_rows>(work);
  }
  // The next lower height that is compiled.
  static constexpr int lower(int packets, int rows) { return rows <= 4 || packets < max_packets ? 1 : rows - 1; }
  template <int Packets, int Rows>
  static void run_height(const TileWork<I>& work) {
    if constexpr (Rows > 1) {
      if (work.rows <= lower(Packets, Rows)) return run_height<Packets, lower(Packets, Rows)>(work);
    }
    product_tiles<I, Rows, Packets>(work);
  }
};

}  // namespace tessera::detail
