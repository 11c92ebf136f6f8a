// SPDX-License-Identifier: MIT
#pragma once

// Matrix product with packed weights by Strassen's algorithm: 7 products of half the size in every direction instead of 8. With the rows of
// x, the inner dimension and the columns of W each cut in two,
//
//     M1 = (A11 + A22)(B11 + B22)    M2 = (A21 + A22) B11    M3 = A11 (B12 - B22)    M4 = A22 (B21 - B11)
//     M5 = (A11 + A12) B22           M6 = (A21 - A11)(B11 + B12)                     M7 = (A12 - A22)(B21 + B22)
//
//     y11 = M1 + M4 - M5 + M7    y12 = M3 + M5    y21 = M2 + M4    y22 = M1 - M2 + M3 + M6
//
// By two levels each of the seven products is itself made by seven: 49 products of a fourth of the size instead of 64.
//
//     split.hpp     how a product is cut
//     left.hpp      the sums of parts of x, made once for all columns
//     right.hpp     the sums of parts of the weights, some packed and some made on the way, and seven products
//     result.hpp    the parts of y from the products
//     token.hpp     the algorithm for token mixing, where the weights are on the left
//
// Long inner dimensions are cut into pieces, so that the pieces of a pair of panels fit into the second-level cache. Each product is summed
// up over all pieces before the quarters of y are added up. Rounding errors are about twice those of plain sums for each level.
//
// Strassen 1969, Gaussian elimination is not optimal, Numer. Math. 13.

#include "tessera/kernels/strassen/left.hpp"
#include "tessera/kernels/strassen/right.hpp"

namespace tessera::detail {

template <Isa I, int Levels>
class Strassen {
  using Cut = Split<I, Levels>;
  using Left = StrassenLeft<I, Levels>;
  using Tiles = StrassenTiles<I, Levels>;
  using Errands = typename SevenProducts<I>::Errands;
  static constexpr std::ptrdiff_t tile_rows = RegisterTile<I>::rows, width = panel_width<I>;

 public:
  // What takes the tiles of the result.
  using Take = FunctionRef<void(const Tiles&)>;

  static constexpr std::size_t scratch_floats(std::int64_t rows, std::int64_t inner) {
    const std::ptrdiff_t m = Cut::terms(static_cast<std::ptrdiff_t>(inner));
    const std::ptrdiff_t part = part_floats(Cut::rows(static_cast<std::ptrdiff_t>(rows)));
    return SevenProducts<I>::scratch_floats(m) + size(7 * part) + (Levels == 1 ? 0 : size(4 * m * width) + size(28 * part));
  }

  // y = x · Wᵀ for the rows that `left` has. Weights: from pack_weights with the same `apart`, the distance of the columns that belong
  // together. The workers share the columns and, of those that are left over, the rows: by half tiles, since seven tiles would be three and
  // four.
  static void multiply(const Left& left, const Panels<I>& weights, std::ptrdiff_t apart, const Take& take, Scratch& scratch) {
    const std::ptrdiff_t groups = weights.columns() / (Cut::strips * width);
    const auto column = [&](std::ptrdiff_t group) {
      return group / (apart / width) * Cut::strips * apart + group % (apart / width) * width;
    };
    scratch.share(groups, [&](std::ptrdiff_t group, Scratch& one) {
      const Right here{weights, column(group), apart}, next{weights, column(group + 1 < groups ? group + 1 : group), apart};
      one.split(
          left.rows().count(), (tile_rows + 1) / 2,
          [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { multiply_rows(left, first, count, here, next, take, own); }, 1);
    });
  }
  static void multiply(const Left& left, const Panels<I>& weights, std::ptrdiff_t apart, const Epilogue& epilogue, Scratch& scratch) {
    const ResultStrips strips{left.rows().rows, left.rows().strip, apart};
    multiply(left, weights, apart, [&](const Tiles& tiles) { finish<I, Levels>(tiles, strips, epilogue); }, scratch);
  }

 private:
  static constexpr std::size_t size(std::ptrdiff_t floats) { return Scratch::rounded(static_cast<std::size_t>(floats)); }
  // A product of `rows` rows and one panel.
  static constexpr std::ptrdiff_t part_floats(std::ptrdiff_t rows) { return ProductTile<I>::rows_written(rows) * width; }

  // The panels that belong together.
  struct Right {
    const Panels<I>& panels;
    std::ptrdiff_t column, apart;

    // R0 to R3 for the piece that begins with term k. By two levels, those of R[outer].
    RightQuarters quarters(std::size_t outer, std::ptrdiff_t k, std::ptrdiff_t m) const {
      const auto right = static_cast<std::ptrdiff_t>(outer % 2), lower = static_cast<std::ptrdiff_t>(outer / 2);
      return right_quarters<I>(panels, column + right * 2 * apart, apart, m, k + lower * 2 * m);
    }
  };

  // `count` rows of each strip from number `first` on, for one group of panels.
  static void multiply_rows(const Left& left, std::ptrdiff_t first, std::ptrdiff_t count, const Right& here, const Right& next,
                            const Take& take, Scratch& scratch) {
    const std::ptrdiff_t m = left.m(), inner = here.panels.inner(), part = part_floats(count), piece_terms = Cut::strips * m;
    Scratch::Frame frame(scratch);
    const SevenProducts<I> seven(count, m, frame);
    float* const products = frame.take(static_cast<std::size_t>(7 * part));
    float* const outer_sum = Levels == 1 ? nullptr : frame.take(static_cast<std::size_t>(4 * m * width));
    float* const results = Levels == 1 ? products : frame.take(static_cast<std::size_t>(28 * part));
    for (std::ptrdiff_t piece = 0; piece < inner; piece += piece_terms) {
      const std::ptrdiff_t next_piece = piece + piece_terms == inner ? 0 : piece + piece_terms;
      const Right& after = next_piece == 0 ? next : here;
      const float* const a = left.matrix(0, piece) + first * m;
      const float* const next_a = left.matrix(0, next_piece) + first * m;
      if constexpr (Levels == 1) {
        const RightQuarters quarters = here.quarters(0, piece, m), following = after.quarters(0, next_piece, m);
        std::array<Errands, 7> errands;
        for (std::size_t t = 0; t < 7; ++t) {
          const int fetches = strassen_terms[t].fetches;
          if (fetches >= 0) errands[t].fetch = (t < 6 ? quarters : following)[static_cast<std::size_t>(fetches)];
        }
        seven.run(quarters, a, left.apart(), next_a, errands, products, part, piece > 0);
      } else {
        for (std::size_t t = 0; t < 7; ++t) {
          const StrassenTerm& term = strassen_terms[t];
          const StrassenTerm& next_term = next_strassen_term(t);
          const std::ptrdiff_t apart = left.apart();
          const RightQuarters quarters = term.sign == 0 ? here.quarters(term.first, piece, m) : quarters_of(outer_sum, m);
          const RightQuarters b = here.quarters(next_term.first, piece, m), c = here.quarters(next_term.second, piece, m);
          RightQuarters fetch{};
          if (term.fetches >= 0) {
            const auto number = static_cast<std::size_t>(term.fetches);
            fetch = t < 6 ? here.quarters(number, piece, m) : after.quarters(number, next_piece, m);
          }
          // The next outer operand's quarters, if they are sums, are made during the inner products 0, 2, 4 and 6, after which no sum is
          // needed.
          std::array<Errands, 7> errands;
          for (std::size_t i = 0; i < 4; ++i) {
            errands[i].fetch = fetch[i];
            if (next_term.sign != 0)
              errands[2 * i].sum = {b[i], c[i], outer_sum + static_cast<std::ptrdiff_t>(i) * m * width, m, next_term.sign < 0};
          }
          const float* const following = t < 6 ? a + 7 * next_term.number * apart : next_a;
          seven.run(quarters, a + 7 * term.number * apart, apart, following, errands, products, part, false);
          add_up(products, part, results + term.number * 4 * part, piece > 0);
        }
      }
    }
    for (std::ptrdiff_t row = 0; row < count; row += tile_rows)
      take(Tiles{left.rows().begin + first + row, std::min(tile_rows, count - row), here.column, results + row * width,
                 Levels == 1 ? part : 4 * part, part});
  }

  static RightQuarters quarters_of(const float* sum, std::ptrdiff_t m) {
    return {sum, sum + m * width, sum + 2 * m * width, sum + 3 * m * width};
  }

  // The quarters of an outer product from the seven inner ones.
  static void add_up(const float* products, std::ptrdiff_t part, float* to, bool add) {
    using namespace Eigen::internal;
    using P = Packet<I>;
    const SevenTiles<I> sums{products, part};
    for (std::ptrdiff_t at = 0; at < part; at += lanes_of<I>) {
      P y[4];
      sums.at(at, y);
#pragma GCC unroll 4
      for (int quarter = 0; quarter < 4; ++quarter) {
        float* const place = to + quarter * part + at;
        pstoreu(place, add ? padd(ploadu<P>(place), y[quarter]) : y[quarter]);
      }
    }
  }
};

}  // namespace tessera::detail
