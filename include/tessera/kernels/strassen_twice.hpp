// SPDX-License-Identifier: MIT
#pragma once

// Two levels of Strassen's algorithm (kernels/strassen.hpp): each of its seven products is itself made by seven of half the size, 49
// products of a fourth of the size in every direction instead of 64.
//
// Weights are packed twice: what takes the places of the four quarters is cut into quarters again. A right operand of the outer level that
// is a sum of two others is made quarter by quarter beside those of the inner products that need no sum made. Rounding errors are about
// twice those of one level.

#include <concepts>

#include "tessera/kernels/strassen_pack.hpp"
#include "tessera/kernels/strassen_terms.hpp"
#include "tessera/kernels/strassen_twice_left.hpp"

namespace tessera::detail {

template <Isa I>
class StrassenTwice {
  using P = Packet<I>;
  using Fourths = StrassenFourths<I>;
  using Errands = typename SevenProducts<I>::Errands;
  static constexpr std::ptrdiff_t tile_rows = RegisterTile<I>::rows, width = panel_width<I>;

 public:
  // The sizes that can be cut.
  static constexpr bool fits(std::int64_t inner, std::int64_t columns) {
    return lanes_of<I> > 1 && Fourths::inner(inner) > 0 && columns % (4 * width) == 0;
  }

  // Weights for it, with columns that are so far apart in fours. element(column, k) gives W[column, k].
  template <class Element>
  static Panels<I> pack(std::ptrdiff_t columns, std::ptrdiff_t inner, std::ptrdiff_t apart, Element element) {
    const std::ptrdiff_t m = Fourths::inner(inner);
    return pack_rows<I>(columns, inner, m, strassen_row(apart, m, strassen_row(2 * apart, 2 * m, weight_row(element))));
  }

  static constexpr std::size_t scratch_floats(std::int64_t rows, std::int64_t inner) {
    return SevenProducts<I>::scratch_floats(Fourths::inner(inner)) + Scratch::rounded(size(4 * Fourths::inner(inner), width)) +
           Scratch::rounded(size(7 * Fourths::rows(rows), width)) + Scratch::rounded(size(28 * Fourths::rows(rows), width));
  }

  // y = x · Wᵀ, packet by packet to the epilogue, or by SixteenTiles if it takes those. Weights: packed with the same `apart`; of a size
  // that fits. The workers share the columns and, of those that are left over, the rows: by half tiles, since seven tiles would
  // be three and four.
  template <class Epilogue>
  static void multiply(const StrassenTwiceLeft<I>& left, const Panels<I>& weights, std::ptrdiff_t apart, const Epilogue& epilogue,
                       Scratch& scratch) {
    const std::ptrdiff_t fours = weights.columns() / (4 * width);
    const auto column = [&](std::ptrdiff_t four) { return four / (apart / width) * 4 * apart + four % (apart / width) * width; };
    scratch.share(fours, [&](std::ptrdiff_t four, Scratch& one) {
      const Weights here{weights, column(four), apart}, next{weights, column(four + 1 < fours ? four + 1 : four), apart};
      one.split(
          left.fourth(), (tile_rows + 1) / 2,
          [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { multiply_rows(left, first, count, here, next, epilogue, own); },
          1);
    });
  }

 private:
  static constexpr std::size_t size(std::int64_t rows, std::int64_t columns) { return static_cast<std::size_t>(rows * columns); }

  // Four panels that belong together: of neighbours on the inner level, and those on their right on the outer.
  struct Weights {
    const Panels<I>& panels;
    std::ptrdiff_t column, apart;

    // The quarters of quarter number o, for the piece that begins with k.
    StrassenQuarters quarters(std::size_t o, std::ptrdiff_t k, std::ptrdiff_t m) const {
      const auto right = static_cast<std::ptrdiff_t>(o % 2), lower = static_cast<std::ptrdiff_t>(o / 2);
      return strassen_quarters(panels, column + right * 2 * apart, apart, m, k + lower * 2 * m);
    }
  };

  // Some rows of each fourth, for four panels.
  template <class Epilogue>
  static void multiply_rows(const StrassenTwiceLeft<I>& left, std::ptrdiff_t first, std::ptrdiff_t count, const Weights& here,
                            const Weights& next, const Epilogue& epilogue, Scratch& scratch) {
    const std::ptrdiff_t m = left.m(), inner = here.panels.inner(), part = count * width;
    Scratch::Frame frame(scratch);
    const SevenProducts<I> seven(count, m, frame);
    float* const outer_sum = frame.take(size(4 * m, width));
    float* const products = frame.take(size(7, part));
    float* const results = frame.take(size(28, part));
    const StrassenQuarters sum{outer_sum, outer_sum + m * width, outer_sum + 2 * m * width, outer_sum + 3 * m * width};
    const auto operand = [&](std::ptrdiff_t number, std::ptrdiff_t piece) { return left.matrix(number, piece) + first * m; };

    for (std::ptrdiff_t piece = 0; piece < inner; piece += 4 * m) {
      const std::ptrdiff_t next_piece = piece + 4 * m == inner ? 0 : piece + 4 * m;
      for (std::size_t t = 0; t < strassen_terms.size(); ++t) {
        const StrassenTerm& term = strassen_terms[t];
        const StrassenTerm& after = next_strassen_term(t);
        const bool last = t + 1 == strassen_terms.size();
        const std::ptrdiff_t piece_after = last ? next_piece : piece;
        const StrassenQuarters quarter = term.sign != 0 ? sum : here.quarters(term.right, piece, m);
        const StrassenQuarters b = here.quarters(after.right, piece, m), c = here.quarters(after.right2, piece, m);
        StrassenQuarters fetch{};
        if (term.fetches >= 0)
          fetch = (last && next_piece == 0 ? next : here).quarters(static_cast<std::size_t>(term.fetches), piece_after, m);
        seven.run(
            quarter, [&](std::ptrdiff_t number) { return operand(7 * term.number + number, piece); },
            operand(7 * after.number, piece_after),
            [&](std::size_t inner_t) {
              // The next outer operand's quarters, if they are sums, are made beside inner products 0, 2, 4 and 6.
              const std::size_t i = inner_t / 2;
              RightSum<I> make;
              if (after.sign != 0) make = {b[i], c[i], outer_sum + static_cast<std::ptrdiff_t>(i) * m * width, m, after.sign < 0};
              return Errands{make, inner_t < fetch.size() ? fetch[inner_t] : nullptr};
            },
            products, part, false);
        add_up(products, part, results + term.number * 4 * part, piece > 0);
      }
    }
    for (std::ptrdiff_t row = 0; row < count; row += tile_rows) {
      const SixteenTiles<I> sums{first + row, std::min(tile_rows, count - row), here.column, results + row * width, part, 4 * part};
      if constexpr (std::invocable<const Epilogue&, SixteenTiles<I>>) {
        epilogue(sums);
      } else {
        const std::ptrdiff_t half = 2 * left.fourth();
        for (std::size_t j = 0; j < 4; ++j) {
          const FourTiles<I> four =
              sums.four(j, static_cast<std::ptrdiff_t>(j / 2) * left.fourth(), static_cast<std::ptrdiff_t>(j % 2) * here.apart);
          finish(four, left.rows() - four.row - half, half, 2 * here.apart, epilogue);
        }
      }
    }
  }

  // The quarters of an outer product from the seven inner ones.
  static void add_up(const float* products, std::ptrdiff_t part, float* to, bool add) {
    using namespace Eigen::internal;
    const FourTiles<I> sums{0, 0, 0, products, part};
    for (std::ptrdiff_t at = 0; at < part; at += lanes_of<I>)
      sums.at(at, [&](const P& y11, const P& y12, const P& y21, const P& y22) {
        const auto put = [&](std::ptrdiff_t quarter, const P& y) {
          float* const place = to + quarter * part + at;
          pstoreu(place, add ? padd(ploadu<P>(place), y) : y);
        };
        put(0, y11);
        put(1, y12);
        put(2, y21);
        put(3, y22);
      });
  }
};

}  // namespace tessera::detail
