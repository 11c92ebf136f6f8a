// SPDX-License-Identifier: MIT
#pragma once

// The right operands of Strassen's algorithm (kernels/strassen/strassen.hpp), and its seven products for one piece of the inner dimension
// and one pair of panels. Of the weights, four matrices are packed where the quarters B11, B12, B21 and B22 of a piece were:
//
//     R0 = B11 + B22    R1 = B12 - B22    R2 = B21 - B11    R3 = B11
//
// The other right operands are sums of two of these. Each is made while the product before it is multiplied, and lives in the second-level
// cache:
//
//     B22 = R0 - R3    B11 + B12 = R1 + R0    B21 + B22 = R2 + R0

#include <array>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/product.hpp"
#include "tessera/kernels/strassen/split.hpp"

namespace tessera::detail {

// One product: its number (M1 is number 0), its right operand R[first] + sign · R[second], and which of R0 to R3 is fetched meanwhile,
// because it is the next to be used; -1 is none. After the last product it is one of the next piece. Fetched earlier, some of it would have
// left the second-level cache again.
struct StrassenTerm {
  std::ptrdiff_t number;
  std::size_t first, second;
  float sign;
  int fetches;
};
// In another order than M1 to M7, so that a product whose right operand is a sum follows one whose operand is packed.
inline constexpr std::array<StrassenTerm, 7> strassen_terms{{
    // number  first  second  sign  fetches      product and right operand
    {0, 0, 0, 0, 3},   //                            M1: B11 + B22
    {1, 3, 3, 0, -1},  //                            M2: B11
    {4, 0, 3, -1, 1},  //                            M5: B22
    {2, 1, 1, 0, -1},  //                            M3: B12 - B22
    {5, 1, 0, 1, 2},   //                            M6: B11 + B12
    {3, 2, 2, 0, -1},  //                            M4: B21 - B11
    {6, 2, 0, 1, 0},   //                            M7: B21 + B22
}};
constexpr const StrassenTerm& next_strassen_term(std::size_t t) { return strassen_terms[(t + 1) % strassen_terms.size()]; }

// W[column, k] for k = first, ..., first + count - 1, as the algorithm's packed matrices have it for `Levels` levels. m: terms of a strip
// of the innermost level; apart: distance of the columns that belong together there. count is at most 256.
template <Isa I, int Levels>
void write_strassen_column(const WeightMatrix& weights, std::ptrdiff_t apart, std::ptrdiff_t m, std::ptrdiff_t column, std::ptrdiff_t first,
                           std::ptrdiff_t count, float* to) {
  if constexpr (Levels == 0) {
    write_column<I>(weights, column, first, count, to);
  } else {
    const auto outer = [&](std::ptrdiff_t c, std::ptrdiff_t k, std::ptrdiff_t n, float* place) {
      write_strassen_column<I, Levels - 1>(weights, 2 * apart, 2 * m, c, k, n, place);
    };
    for (std::ptrdiff_t k = first, n = 0; k < first + count; k += n, to += n) {
      n = std::min((k / m + 1) * m, first + count) - k;
      const bool right = column / apart % 2 != 0, lower = k / m % 2 != 0;
      if (right && lower) {  // R3
        outer(column - apart, k - m, n, to);
        continue;
      }
      alignas(64) float other[Panels<I>::most_at_once];
      outer(column, k, n, to);
      outer(right || lower ? column : column + apart, lower ? k - m : k + m, n, other);
      const float sign = right || lower ? -1.0F : 1.0F;
      for (std::ptrdiff_t i = 0; i < n; ++i) to[i] += sign * other[i];
    }
  }
}

// Weights packed for `Levels` levels of the algorithm; 0 packs them as they are.
template <Isa I, int Levels>
Panels<I> pack_weights(const WeightMatrix& weights, std::ptrdiff_t apart) {
  if constexpr (Levels == 0) {
    return Panels<I>(weights);
  } else {
    const std::ptrdiff_t m = Split<I, Levels>::terms(weights.inner);
    return Panels<I>(weights.columns, weights.inner, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
      write_strassen_column<I, Levels>(weights, apart, m, column, first, count, to);
    });
  }
}

// R0 to R3 of the panels at `column` and `column` + apart, of the piece that begins with term `first`.
using RightQuarters = std::array<const float*, 4>;
template <Isa I>
RightQuarters right_quarters(const Panels<I>& weights, std::ptrdiff_t column, std::ptrdiff_t apart, std::ptrdiff_t m,
                             std::ptrdiff_t first) {
  constexpr std::ptrdiff_t width = panel_width<I>;
  const float* const left = weights.panel(column) + first * width;
  const float* const right = weights.panel(column + apart) + first * width;
  return {left, right, left + m * width, right + m * width};
}

template <Isa I>
class SevenProducts {
  static constexpr int width = panel_width<I>;

 public:
  // What can be done during a product: a sum, where the next product does not need one, and a quarter to be fetched, or null.
  struct Errands {
    PanelSum<I> sum{};
    const float* fetch = nullptr;
  };

  // For products of `rows` rows and m terms.
  SevenProducts(std::ptrdiff_t rows, std::ptrdiff_t m, Scratch::Frame& frame)
      : tiles_(rows),
        m_(m),
        share_((m + tiles_.count - 1) / tiles_.count),
        fetch_step_(bytes_with_every_k(width, tiles_.count)),
        every_(pause(m / share_)),
        sum_(frame.take(static_cast<std::size_t>(m * width))) {}
  static constexpr std::size_t scratch_floats(std::int64_t m) { return Scratch::rounded(static_cast<std::size_t>(m * width)); }

  // The left operands, rows of m floats, are at left + number · left_apart; next_left is the one that is used after these. errands[t] goes
  // with the t-th product. Product number n goes to products + n · apart, or is added to what is there.
  void run(const RightQuarters& quarter, const float* left, std::ptrdiff_t left_apart, const float* next_left,
           const std::array<Errands, 7>& errands, float* products, std::ptrdiff_t apart, bool add) const {
    for (std::size_t t = 0; t < strassen_terms.size(); ++t) {
      const StrassenTerm& term = strassen_terms[t];
      const StrassenTerm& next = next_strassen_term(t);
      const bool is_last = t + 1 == strassen_terms.size();
      const float* const a = left + term.number * left_apart;
      const float* const following = is_last ? next_left : left + next.number * left_apart;
      const float* const right = term.sign != 0 ? sum_ : quarter[term.first];
      const float* const fetch = errands[t].fetch;
      PanelSum<I> beside = errands[t].sum;
      if (next.sign != 0) beside = {quarter[next.first], quarter[next.second], sum_, m_, next.sign < 0};
      const Ahead ahead{bytes(following), bytes(fetch == nullptr ? right : fetch), fetch == nullptr ? 0 : fetch_step_};
      TileWork<I> work{m_, {a, m_}, 0, right, ahead, products + term.number * apart, add};
      work.beside = beside;
      work.beside_rows = share_;
      work.every = every_;
      ProductTile<I>::run_all(RegisterTile<I>::packets, tiles_, work);
    }
  }

 private:
  // At most `most` terms, in whole steps of sum_products where it can be.
  static constexpr std::ptrdiff_t pause(std::ptrdiff_t most) {
    constexpr std::ptrdiff_t steps = RegisterTile<I>::steps;
    return most < steps ? most : most / steps * steps;
  }

  EvenTiles<I> tiles_;
  std::ptrdiff_t m_, share_, fetch_step_, every_;
  float* sum_;
};

}  // namespace tessera::detail
