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

// What is fetched while a tile is computed: memory behind the caches takes a hundred times as long as a multiplication.
struct Ahead {
  const char* left;           // the rows of the next tile, with every k a float for each row, into the first-level cache
  const char* right;          // operands of a later product, with every k so many bytes, into the second-level cache
  std::ptrdiff_t right_step;  // without 32 registers 8, whatever is asked for
};
inline const char* bytes(const float* data) { return reinterpret_cast<const char*>(data); }
// Bytes of an operand with so many floats for every k, where so many tiles share the fetching.
constexpr std::ptrdiff_t bytes_with_every_k(std::ptrdiff_t floats, std::ptrdiff_t tiles) {
  return (floats * static_cast<std::ptrdiff_t>(sizeof(float)) + tiles - 1) / tiles;
}

inline constexpr std::ptrdiff_t terms_in_a_row = 256;

template <Isa I>
EIGEN_ALWAYS_INLINE Packet<I> from_zero(int, int) {
  return Eigen::internal::pset1<Packet<I>>(0.0F);
}

// Sums of a register tile, row after row.
template <Isa I, int Rows, int Packets>
using TileSums = Packet<I>[Rows][Packets];

// Adds the products of one k: row[r][k] is a number of the left operand, right points to Packets packets of the right one.
template <Isa I, int Rows, int Packets>
EIGEN_ALWAYS_INLINE void add_products(TileSums<I, Rows, Packets>& sum, const float* const (&row)[Rows], std::ptrdiff_t k,
                                      const float* right) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  // Left to themselves, compilers overwrite a packet in its last multiplication and copy sums instead, or read a packet again in every row.
  constexpr bool keep = Rows > 1 && Rows * Packets + Packets < registers<I>;
  constexpr bool full = !has_amx<I> && Rows * Packets + Packets == registers<I>;
  P packet[Packets];
#pragma GCC unroll 16
  for (int p = 0; p < Packets; ++p) {
    packet[p] = ploadu<P>(right + p * lanes_of<I>);
    if constexpr (keep) packet[p] = in_register(packet[p]);
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
    // Sums, loaded packets and the broadcast one may be one too many for all registers. Compilers keep a sum in memory then, which is
    // right where reading beside multiplications is slow; elsewhere the last packet is read again in every row.
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

// The sums of a register tile over `terms` of k, which begin with start(row, packet), handed to take(sums) in registers. After every so
// many k there is time for an errand, errand(0), errand(1), ...: a little work on memory, which the multiplications hide. `take` has to
// be inlined: sums that are handed to a function are in memory.
template <Isa I, int Rows, int Packets, class Start, class Errand, class Take>
EIGEN_ALWAYS_INLINE void sum_products(std::ptrdiff_t terms, LeftOperand a, const float* b, Ahead ahead, const Start& start,
                                      std::ptrdiff_t every, const Errand& errand, const Take& take) {
  // Without complete unrolling the sums would live in memory; at -O2 compilers need to be asked.
  TileSums<I, Rows, Packets> sum;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) sum[r][p] = start(r, p);
  const float* row[Rows];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) row[r] = a.data + r * a.row;
  constexpr int steps = RegisterTile<I>::steps, width = Packets * lanes_of<I>;
  constexpr std::ptrdiff_t left_step = Rows * sizeof(float);
  for (std::ptrdiff_t k = 0, pauses = 0; k < terms; ++pauses) {
    // A few k at a time share the counting and the fetching.
    const std::ptrdiff_t pause = std::min(terms, k + every);
    if constexpr (steps == 2) {
      // An odd last k is within the loop: behind it, compilers would put sums into memory where there are no registers to spare.
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
      // Of `last` compilers know nothing, or they would work out anew, behind the loop, what they have in registers.
      for (std::ptrdiff_t last = pause - steps; k <= last; k += steps, last = computed_here(last)) {
#pragma GCC unroll 16
        for (int i = 0; i < steps; ++i) add_products<I, Rows, Packets>(sum, row, k + i, b + i * width);
        b += steps * width;
        __builtin_prefetch(ahead.left, 0, 3);
        __builtin_prefetch(ahead.left + steps / 2 * left_step, 0, 3);
        ahead.left += steps * left_step;
        // 8 bytes with every k, an address that wants no addition: enough for eight tiles and more. What is not needed is fetched twice.
        __builtin_prefetch(computed_here(ahead.right) + 8 * k, 0, 2);
      }
      for (; k < pause; ++k, b += width) add_products<I, Rows, Packets>(sum, row, k, b);
    }
    errand(pauses);
  }
  take(sum);
}

// The same for terms [first, first + count) of longer sums: a, b and ahead begin at 0.
template <Isa I, int Rows, int Packets, class Start, class Take>
EIGEN_ALWAYS_INLINE void sum_piece(std::ptrdiff_t first, std::ptrdiff_t count, LeftOperand a, const float* b, const Ahead& ahead,
                                   const Start& start, const Take& take) {
  const Ahead from_here{ahead.left + first * Rows * static_cast<std::ptrdiff_t>(sizeof(float)), ahead.right + first * ahead.right_step,
                        ahead.right_step};
  sum_products<I, Rows, Packets>(
      count, {a.data + first, a.row}, b + first * Packets * lanes_of<I>, from_here, start, count, [](std::ptrdiff_t) {}, take);
}

// A tile's sums in memory, row after row: put there, or added to what is there.
template <Isa I, int Rows, int Packets>
EIGEN_ALWAYS_INLINE void store_sums(const Packet<I> (&sum)[Rows][Packets], float* tile, bool add_to_it) {
  using P = Packet<I>;
  using namespace Eigen::internal;
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r)
#pragma GCC unroll 16
    for (int p = 0; p < Packets; ++p) {
      float* const to = tile + (r * Packets + p) * lanes_of<I>;
      pstoreu(to, add_to_it ? padd(ploadu<P>(to), sum[r][p]) : sum[r][p]);
    }
}

// Adds to the tile or, as its first sums, replaces it. The last piece of a sum begins with what is in `start`, a tile as well, or with
// zero. Not inlined: the sums of the largest tile need every register, and surroundings would compete for them.
template <Isa I, int Rows, int Packets>
EIGEN_DONT_INLINE void product_tile(std::ptrdiff_t inner, LeftOperand a, const float* b, Ahead ahead, float* tile, bool add_to_it,
                                    const float* start) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  for (std::ptrdiff_t first = 0; first == 0 || first < inner; first += terms_in_a_row) {
    const auto add = [&](const P(&sum)[Rows][Packets]) { store_sums<I>(sum, tile, first > 0 || add_to_it); };
    const float* const from = first + terms_in_a_row >= inner ? start : nullptr;
    const auto begin = [from](int r, int p) {
      return from == nullptr ? from_zero<I>(r, p) : P(ploadu<P>(from + (r * Packets + p) * lanes_of<I>));
    };
    sum_piece<I, Rows, Packets>(first, std::min(inner - first, terms_in_a_row), a, b, ahead, begin, add);
  }
}

// use(constant), with the constant that n is, one of 1, ..., Most.
template <int Most, class Use>
EIGEN_ALWAYS_INLINE void with_constant(int n, const Use& use) {
  if constexpr (Most > 1) {
    if (n < Most) return with_constant<Most - 1>(n, use);
  }
  use(std::integral_constant<int, Most>{});
}

// At least one row in register tiles, as few as can be, of nearly equal height: low ones wait for their sums. First those of one row more.
template <Isa I>
struct EvenTiles {
  static constexpr int max_rows = RegisterTile<I>::rows;
  std::ptrdiff_t count;   // of tiles
  int low;                // rows of most of them
  std::ptrdiff_t higher;  // of which so many have one more

  explicit constexpr EvenTiles(std::ptrdiff_t rows)
      : count((rows + max_rows - 1) / max_rows), low(static_cast<int>(rows / count)), higher(rows % count) {}
  constexpr std::ptrdiff_t first(std::ptrdiff_t tile) const { return tile * low + std::min(tile, higher); }
  constexpr int height(std::ptrdiff_t tile) const { return low + (tile < higher ? 1 : 0); }
};

// Any number of rows up to the register tile's, and of packets the whole, half or a fourth. The tile's row stride is packets · lanes.
template <Isa I>
class ProductTile {
  static constexpr int max_rows = RegisterTile<I>::rows;
  static constexpr int max_packets = RegisterTile<I>::packets;
  static_assert(max_packets == 4 || max_packets == 2);

 public:
  // Packets of the largest tile that is used for `left` columns: the full one, or one of half the width until it would be empty.
  static constexpr int packets_at_once(std::ptrdiff_t columns) {
    int packets = max_packets;
    while (packets > 1 && columns <= packets / 2 * lanes_of<I>) packets /= 2;
    return packets;
  }

  static void run(int rows, int packets, std::ptrdiff_t inner, LeftOperand a, const float* b, Ahead ahead, float* tile,
                  bool add_to_it = false, const float* start = nullptr) {
    if (packets == max_packets) return with_packets<max_packets>(rows, inner, a, b, ahead, tile, add_to_it, start);
    if constexpr (max_packets > 2) {
      if (packets == 2) return with_packets<2>(rows, inner, a, b, ahead, tile, add_to_it, start);
    }
    with_packets<1>(rows, inner, a, b, ahead, tile, add_to_it, start);
  }

 private:
  template <int Packets>
  static void with_packets(int rows, std::ptrdiff_t inner, LeftOperand a, const float* b, Ahead ahead, float* tile, bool add_to_it,
                           const float* start) {
    with_constant<max_rows>(rows, [&](auto height) { product_tile<I, height, Packets>(inner, a, b, ahead, tile, add_to_it, start); });
  }
};

}  // namespace tessera::detail
