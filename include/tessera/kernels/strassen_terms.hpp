// SPDX-License-Identifier: MIT
#pragma once

// The middle of Strassen's algorithm (kernels/strassen.hpp): its seven products, for one piece of the inner dimension and the right
// operands of one pair of panels. Packed are B11 + B22, B12 - B22, B21 - B11 and B11, called the quarters here; the other right operands
// are sums of two of those, each made while the product before is multiplied.

#include <array>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// One of the products, M1 being number 0: its right operand, quarter[right] + sign · quarter[right2], and what is fetched meanwhile because
// it is the next to be used, a quarter of the same piece or, behind the last product, of the next one. Fetched earlier, some of it would
// have left the second-level cache again.
struct StrassenTerm {
  std::ptrdiff_t number;
  std::size_t right, right2;
  float sign;
  int fetches;
};
// In another order than M1 to M7, so that a sum of weights follows a product that has none.
inline constexpr std::array<StrassenTerm, 7> strassen_terms{{
    {0, 0, 0, 0, 3},
    {1, 3, 3, 0, -1},
    {4, 0, 3, -1, 1},
    {2, 1, 1, 0, -1},
    {5, 1, 0, 1, 2},
    {3, 2, 2, 0, -1},
    {6, 2, 0, 1, 0},
}};
inline constexpr const StrassenTerm& next_strassen_term(std::size_t t) { return strassen_terms[(t + 1) % strassen_terms.size()]; }

using StrassenQuarters = std::array<const float*, 4>;
// Those of the panels at `column` and so far apart, of the piece of the inner dimension that begins with `first`.
template <Isa I>
StrassenQuarters strassen_quarters(const Panels<I>& weights, std::ptrdiff_t column, std::ptrdiff_t apart, std::ptrdiff_t m,
                                   std::ptrdiff_t first) {
  constexpr std::ptrdiff_t width = panel_width<I>;
  const float* const left = weights.panel(column) + first * width;
  const float* const right = weights.panel(column + apart) + first * width;
  return {left, right, left + m * width, right + m * width};
}

// A right operand in the making: rows [0, rows) of b + c or b - c, a panel's width each.
template <Isa I>
struct RightSum {
  static constexpr int width = panel_width<I>;
  const float* b = nullptr;
  const float* c = nullptr;
  float* to = nullptr;
  std::ptrdiff_t rows = 0;
  bool negative = false;

  // From this row on, at most this many.
  RightSum part(std::ptrdiff_t first, std::ptrdiff_t count) const {
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

template <Isa I>
class SevenProducts {
  using P = Packet<I>;
  static constexpr int tile_rows = RegisterTile<I>::rows, width = panel_width<I>;

 public:
  // What can be done beside a product: a sum, where the next product does not need one, and a quarter to be fetched.
  struct Errands {
    RightSum<I> sum;
    const float* fetch;
  };

  // For so many rows and m terms.
  SevenProducts(std::ptrdiff_t rows, std::ptrdiff_t m, Scratch::Frame& frame)
      : tiles_(rows),
        m_(m),
        share_((m + tiles_.count - 1) / tiles_.count),
        fetch_step_(bytes_with_every_k(width, tiles_.count)),
        every_(pause(m / share_)),
        sum_(frame.take(static_cast<std::size_t>(m * width))) {}
  static constexpr std::size_t scratch_floats(std::int64_t m) { return Scratch::rounded(static_cast<std::size_t>(m * width)); }

  // left(number) gives the left operands, rows of m numbers; next_left is the one that is used behind these. errands(t) for the t-th
  // product. Product number n goes to products + n·apart, or is added to what is there.
  template <class Left, class MakeErrands>
  void run(const StrassenQuarters& quarter, const Left& left, const float* next_left, const MakeErrands& errands, float* products,
           std::ptrdiff_t apart, bool add) const {
    for (std::size_t t = 0; t < strassen_terms.size(); ++t) {
      const StrassenTerm& term = strassen_terms[t];
      const StrassenTerm& next = next_strassen_term(t);
      const bool is_last = t + 1 == strassen_terms.size();
      const float* const a = left(term.number);
      const float* const following = is_last ? next_left : left(next.number);
      const float* const right = term.sign != 0 ? sum_ : quarter[term.right];
      Errands beside = errands(t);
      if (next.sign != 0) beside.sum = {quarter[next.right], quarter[next.right2], sum_, m_, next.sign < 0};
      const Work work{right, beside.fetch == nullptr ? right : beside.fetch, beside.fetch == nullptr ? 0 : fetch_step_, beside.sum, add};
      float* const to = products + term.number * apart;
      const std::ptrdiff_t first_low = tiles_.first(tiles_.higher);
      const float* const low = a + first_low * m_;
      if (tiles_.higher > 0)
        with_constant<tile_rows>(tiles_.low + 1, [&](auto rows) { multiply_tiles<rows>(0, tiles_.higher, a, low, work, to); });
      with_constant<tile_rows>(tiles_.low, [&](auto rows) {
        multiply_tiles<rows>(tiles_.higher, tiles_.count - tiles_.higher, low, following, work, to + first_low * width);
      });
    }
  }

 private:
  // A product, and what is done beside it, a share with each tile.
  struct Work {
    const float* right;
    const float* fetch;
    std::ptrdiff_t fetch_step;
    RightSum<I> sum;
    bool add;
  };

  // At most so many terms, whole steps of sum_products where it can be.
  static constexpr std::ptrdiff_t pause(std::ptrdiff_t most) {
    constexpr std::ptrdiff_t steps = RegisterTile<I>::steps;
    return most < steps ? most : most / steps * steps;
  }

  // Some of the tiles, of Rows rows each. Not inlined: the sums need every register.
  template <int Rows>
  EIGEN_DONT_INLINE void multiply_tiles(std::ptrdiff_t first, std::ptrdiff_t count, const float* a, const float* following,
                                        const Work& given, float* to) const {
    constexpr int packets = RegisterTile<I>::packets;
    // A copy, which the stores cannot change.
    const Work work = given;
    const std::ptrdiff_t m = m_, share = share_, every = every_;
    for (std::ptrdiff_t tile = first; tile < first + count; ++tile, a += Rows * m, to += Rows * width) {
      const Ahead ahead{bytes(tile + 1 < first + count ? a + Rows * m : following), bytes(work.fetch + tile * share * width),
                        work.fetch_step};
      const RightSum<I> to_make = work.sum.part(tile * share, share);
      sum_products<I, Rows, packets>(
          m, {a, m}, work.right, ahead, from_zero<I>, to_make.rows > 0 ? every : m, [to_make](std::ptrdiff_t row) { to_make.add(row); },
          [&](const P(&sum)[Rows][packets]) { store_sums<I>(sum, to, work.add); });
    }
  }

  EvenTiles<I> tiles_;
  std::ptrdiff_t m_, share_, fetch_step_, every_;
  float* sum_;
};

}  // namespace tessera::detail
