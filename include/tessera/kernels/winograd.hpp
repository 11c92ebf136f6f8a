// SPDX-License-Identifier: MIT
#pragma once

// Dense 3×3 convolution with stride 1 by Winograd's minimal filtering, F(4×4, 3×3): 36 multiplications for 16 outputs instead of 144.
// For every tile of 4×4 outputs, which sees a tile d of 6×6 inputs, and filter g of every pair of channels:
//
//     Y = Aᵀ [ Σ_c (G g Gᵀ) ⊙ (Bᵀ d B) ] A
//
// With the points 0, ±p, ±q and ∞, and P = p², Q = q²:
//
//     Bᵀ = PQ    0  -P-Q    0    1  0      G = 1/PQ         0     0             Aᵀ = 1  1  1  1  1  0
//           0  -pQ    -Q    p    1  0          (1           p     P) / 2P(P-Q)       0  p -p  q -q  0
//           0   pQ    -Q   -p    1  0          (1          -p     P) / 2P(P-Q)       0  P  P  Q  Q  0
//           0  -Pq    -P    q    1  0          (1           q     Q) / 2Q(Q-P)       0 pP -pP qQ -qQ 1
//           0   Pq    -P   -q    1  0          (1          -q     Q) / 2Q(Q-P)
//           0   PQ     0  -P-Q   0  1           0           0     1
//
// p = 5/8 and q = 3/2 leave rounding errors 1.8 times those of the plain sum (root mean square over 64 channels); the points 1 and 2
// of the textbooks, 4 times (largest error: 1.8 and 7 times). Every coefficient of Aᵀ and Bᵀ is exact in binary.
//
// The sum over c is a matrix product for each of the 36 places: transformed tiles (T×C) times transformed weights (C×K, packed at load).
// Lavin & Gray 2016, arXiv:1509.09308, section 4.3.
//
// Tiles go through all three stages in blocks that fit into the second-level cache. Tiles that reach beyond the map are copied to a
// small patch with zeros around; outputs beyond it are not stored.

#include <array>

#include "tessera/kernels/convolution.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

inline constexpr int winograd_outputs = 4, winograd_inputs = 6, winograd_places = 36;

struct WinogradPoints {
  static constexpr float p = 0.625F, q = 1.5F, P = p * p, Q = q * q;
  // G, in double precision: weights are transformed once.
  static constexpr double g(int place, int tap) {
    constexpr auto a = static_cast<double>(p), b = static_cast<double>(q), A = a * a, B = b * b;  // exact, as in single precision
    constexpr double point[5] = {0, a, -a, b, -b};
    constexpr double norm[5] = {A * B, 2 * A * (A - B), 2 * A * (A - B), 2 * B * (B - A), 2 * B * (B - A)};
    if (place == 5) return tap == 2 ? 1.0 : 0.0;
    return (tap == 0 ? 1.0 : tap == 1 ? point[place] : point[place] * point[place]) / norm[place];
  }
};

// y = Bᵀ d
template <class Packet>
void winograd_input(const Packet (&d)[6], Packet (&y)[6]) {
  using namespace Eigen::internal;
  using W = WinogradPoints;
  const auto constant = [](float x) { return pset1<Packet>(x); };
  const Packet even_p = pmadd(constant(-W::Q), d[2], d[4]), odd_p = pmadd(constant(-W::Q), d[1], d[3]);
  const Packet even_q = pmadd(constant(-W::P), d[2], d[4]), odd_q = pmadd(constant(-W::P), d[1], d[3]);
  y[0] = pmadd(constant(W::P * W::Q), d[0], pmadd(constant(-W::P - W::Q), d[2], d[4]));
  y[1] = pmadd(constant(W::p), odd_p, even_p);
  y[2] = pmadd(constant(-W::p), odd_p, even_p);
  y[3] = pmadd(constant(W::q), odd_q, even_q);
  y[4] = pmadd(constant(-W::q), odd_q, even_q);
  y[5] = pmadd(constant(W::P * W::Q), d[1], pmadd(constant(-W::P - W::Q), d[3], d[5]));
}

// y = Aᵀ m
template <class Packet>
void winograd_output(const Packet (&m)[6], Packet (&y)[4]) {
  using namespace Eigen::internal;
  using W = WinogradPoints;
  const auto constant = [](float x) { return pset1<Packet>(x); };
  const Packet sum_p = padd(m[1], m[2]), difference_p = psub(m[1], m[2]);
  const Packet sum_q = padd(m[3], m[4]), difference_q = psub(m[3], m[4]);
  y[0] = padd(m[0], padd(sum_p, sum_q));
  y[1] = pmadd(constant(W::p), difference_p, pmul(constant(W::q), difference_q));
  y[2] = pmadd(constant(W::P), sum_p, pmul(constant(W::Q), sum_q));
  y[3] = pmadd(constant(W::p * W::P), difference_p, pmadd(constant(W::q * W::Q), difference_q, m[5]));
}

// Bᵀ d B of one packet of channels: d[i, j] at x + i·row + j·column, the result's place (i, j) at y + (6i + j)·place.
template <class P>
void winograd_transform_input(const float* x, std::ptrdiff_t row, std::ptrdiff_t column, float* y, std::ptrdiff_t place) {
  using namespace Eigen::internal;
  P half[6][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    P d[6], t[6];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) d[i] = ploadu<P>(x + i * row + j * column);
    winograd_input(d, t);
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) half[i][j] = t[i];
  }
#pragma GCC unroll 6
  for (int i = 0; i < 6; ++i) {
    P t[6];
    winograd_input(half[i], t);
#pragma GCC unroll 6
    for (int j = 0; j < 6; ++j) pstoreu(y + (6 * i + j) * place, t[j]);
  }
}

// max(Aᵀ m A + bias, least) of one packet of channels; the first rows × columns of the 4×4 outputs are stored.
template <class P>
void winograd_transform_output(const float* m, std::ptrdiff_t place, const float* bias, float* y, std::ptrdiff_t row, std::ptrdiff_t column,
                               int rows, int columns, float least) {
  using namespace Eigen::internal;
  P half[4][6];
#pragma GCC unroll 6
  for (int j = 0; j < 6; ++j) {
    P d[6], t[4];
#pragma GCC unroll 6
    for (int i = 0; i < 6; ++i) d[i] = ploadu<P>(m + (6 * i + j) * place);
    winograd_output(d, t);
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) half[i][j] = t[i];
  }
  const P constant = ploadu<P>(bias), floor = pset1<P>(least);
  // Stores would wait for memory of y: what the next tile writes is fetched.
#pragma GCC unroll 4
  for (int i = 0; i < winograd_outputs; ++i)
#pragma GCC unroll 4
    for (int j = 0; j < winograd_outputs; ++j) __builtin_prefetch(y + i * row + (j + winograd_outputs) * column, 1, 3);
  for (int i = 0; i < rows; ++i) {
    P t[4];
    winograd_output(half[i], t);
    for (int j = 0; j < columns; ++j) pstoreu(y + i * row + j * column, pmax(padd(t[j], constant), floor));
  }
}

template <Isa I>
class Winograd {
 public:
  // weights: columns × channels × 3 × 3, as a checkpoint has them; scale: a factor of each column.
  Winograd(std::ptrdiff_t columns, std::ptrdiff_t channels, const float* weights, const double* scale) {
    for (int place = 0; place < winograd_places; ++place) {
      double factor[9];
      for (int tap = 0; tap < 9; ++tap) factor[tap] = WinogradPoints::g(place / 6, tap / 3) * WinogradPoints::g(place % 6, tap % 3);
      weights_[static_cast<std::size_t>(place)] =
          Panels<I>(columns, channels, [&](std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
            const float* from = weights + (column * channels + first) * 9;
            for (std::ptrdiff_t i = 0; i < count; ++i, from += 9) {
              double sum = 0;
              for (int tap = 0; tap < 9; ++tap) sum += factor[tap] * (scale[column] * static_cast<double>(from[tap]));
              to[i] = static_cast<float>(sum);
            }
          });
    }
  }

  static constexpr std::size_t scratch_floats(Shape in, Shape out) {
    const auto block = static_cast<std::size_t>(block_tiles(in.channels, out)), channels = static_cast<std::size_t>(in.channels);
    return Scratch::rounded(winograd_places * block * channels) + Scratch::rounded(products_floats(block)) +
           Scratch::rounded(winograd_places * channels);
  }

  // y = max(W∗x + bias, least): least is 0 for a ReLU and -∞ for no activation. bias is readable up to the end of its last packet.
  void run(const float* x, Shape in, int padding, const float* bias, float least, float* y, Shape out, Scratch& scratch) const {
    run_rows(x, in, padding, bias, least, y, out, 0, out.height, scratch);
  }
  // Rows [first_row, first_row + row_count) of y alone, which begin and, but for the last, end with rows of tiles.
  void run_rows(const float* x, Shape in, int padding, const float* bias, float least, float* y, Shape out, int first_row, int row_count,
                Scratch& scratch) const {
    const std::ptrdiff_t channels = in.channels, across = tiles_along(out.width), begin = first_row / winograd_outputs * across;
    const std::ptrdiff_t block = block_tiles(channels, out, scratch.workers());
    share_blocks(tiles_along(row_count) * across, block, scratch, [&](std::ptrdiff_t offset, std::ptrdiff_t count, Scratch& own) {
      const std::ptrdiff_t first = begin + offset;
      Scratch::Frame frame(own);
      float* const v = frame.take(static_cast<std::size_t>(winograd_places * block * channels));
      own.split(count, 1, [&](std::ptrdiff_t from, std::ptrdiff_t number, Scratch& mine) {
        Scratch::Frame inner(mine);
        float* const patch = inner.take(static_cast<std::size_t>(winograd_places * channels));
        for (std::ptrdiff_t t = from; t < from + number; ++t)
          transform_input(x, in, padding, tile_at(first + t, out), patch, v + t * channels, block * channels);
      });
      own.split(out.channels, panel_width<I>, [&](std::ptrdiff_t from, std::ptrdiff_t columns, Scratch& mine) {
        Scratch::Frame inner(mine);
        float* const m = inner.take(products_floats(static_cast<std::size_t>(block)));
        for (std::ptrdiff_t column = from; column < from + columns; column += panel_width<I>) {
          const int packets = weights_[0].packets(column), width = packets * lanes_of<I>;
          for (int place = 0; place < winograd_places; ++place)
            multiply(count, packets, v + place * block * channels, panel(place, column), panel_after(place, column, from, from + columns),
                     m + place * block * width);
          for (std::ptrdiff_t t = 0; t < count; ++t)
            transform_output(m + t * width, block * width, tile_at(first + t, out), column, bias, least, y, out);
        }
      });
    });
  }
  // Rows that make up a block of tiles, or somewhat less.
  static constexpr int block_rows(std::int64_t channels, Shape out, int workers = 1) {
    return winograd_outputs * static_cast<int>(std::max<std::int64_t>(block_tiles(channels, out, workers) / tiles_along(out.width), 1));
  }

 private:
  // The products of a block of tiles with one panel.
  static constexpr std::size_t products_floats(std::size_t block) {
    const auto rows = static_cast<std::ptrdiff_t>(winograd_places * block);
    return static_cast<std::size_t>(ProductTile<I>::rows_written(rows, 1) * panel_width<I>);
  }
  struct Position {
    int row, column;
  };
  static constexpr int tiles_along(int side) { return (side + winograd_outputs - 1) / winograd_outputs; }
  static constexpr std::int64_t tiles_of(Shape out) { return std::int64_t{tiles_along(out.height)} * tiles_along(out.width); }
  // Tiles that are worked on together: their transformed inputs and a panel of products take at most 384 KiB, or they are as many as four
  // register tiles have rows, which pay for reading the weights.
  static constexpr std::int64_t block_tiles(std::int64_t channels, Shape out, int workers = 1) {
    constexpr std::int64_t floats = 96 * 1024, enough = 4 * RegisterTile<I>::rows;
    return even_block_rows<I>(tiles_of(out), std::max(floats / (winograd_places * (channels + panel_width<I>)), enough), workers);
  }
  static Position tile_at(std::ptrdiff_t tile, Shape out) {
    const int across = tiles_along(out.width);
    return {static_cast<int>(tile / across) * winograd_outputs, static_cast<int>(tile % across) * winograd_outputs};
  }

  static void transform_input(const float* x, Shape in, int padding, Position output, float* patch, float* v, std::ptrdiff_t place) {
    const int top = output.row - padding, left = output.column - padding;
    const std::ptrdiff_t channels = in.channels;
    const bool inside = top >= 0 && left >= 0 && top + winograd_inputs <= in.height && left + winograd_inputs <= in.width;
    if (!inside) gather_window<I>(x, in, winograd_inputs, top, left, patch);
    const std::ptrdiff_t row = (inside ? in.width : winograd_inputs) * channels;
    const float* const from = inside ? x + top * row + left * channels : patch;
    each_packet<I>(channels, [&]<class P>(P, std::ptrdiff_t c) { winograd_transform_input<P>(from + c, row, channels, v + c, place); });
  }

  const float* panel(int place, std::ptrdiff_t column) const { return weights_[static_cast<std::size_t>(place)].panel(column); }
  // What follows, from place to place, then from column to column, and from the first column again for the next block.
  const float* panel_after(int place, std::ptrdiff_t column, std::ptrdiff_t begin, std::ptrdiff_t end) const {
    if (place + 1 < winograd_places) return panel(place + 1, column);
    const std::ptrdiff_t next = column + panel_width<I>;
    return panel(0, next < end ? next : begin);
  }

  // One place of one panel: rows × channels times channels × panel, written where the tile's sums go. Meanwhile the next panel is fetched.
  void multiply(std::ptrdiff_t rows, int packets, const float* v, const float* panel, const float* next, float* m) const {
    const std::ptrdiff_t channels = weights_[0].inner();
    const EvenTiles<I> tiles(rows);
    const Ahead ahead{bytes(v), bytes(next), bytes_with_every_k(packets * lanes_of<I>, tiles.count)};
    ProductTile<I>::run_all(packets, tiles, {channels, {v, channels}, 0, panel, ahead, m});
  }

  static void transform_output(const float* m, std::ptrdiff_t place, Position output, std::ptrdiff_t column, const float* bias, float least,
                               float* y, Shape out) {
    const std::ptrdiff_t channels = out.channels, row = out.width * channels;
    const int rows = std::min(winograd_outputs, out.height - output.row), columns = std::min(winograd_outputs, out.width - output.column);
    float* const to = y + output.row * row + output.column * channels + column;
    each_packet<I>(std::min<std::ptrdiff_t>(panel_width<I>, channels - column), [&]<class P>(P, std::ptrdiff_t c) {
      winograd_transform_output<P>(m + c, place, bias + column + c, to + c, row, channels, rows, columns, least);
    });
  }

  std::array<Panels<I>, winograd_places> weights_;
};

}  // namespace tessera::detail
