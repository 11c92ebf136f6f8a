// SPDX-License-Identifier: MIT
#pragma once

// Strassen's algorithm (kernels/strassen/strassen.hpp) for token mixing, y = W · x: the constant weights are the left operand, activations
// the right one. The seven left operands are packed, in the order in which they are read. The right ones,
//
//     B11 + B22    B11    B12 - B22    B21 - B11    B22    B11 + B12    B21 + B22
//
// are made of two panels of x, or by the product whose result x is (StoreRight). The rows of y are cut in two, and so are the rows of x.
// The seven products of a register tile stay in the first-level cache.

#include "tessera/core/buffer.hpp"
#include "tessera/kernels/gather.hpp"
#include "tessera/kernels/strassen/left.hpp"

namespace tessera::detail {

// Seven matrices of `rows` rows and a panel's width each.
template <Isa I>
struct StrassenRight {
  using P = Packet<I>;
  static constexpr int width = panel_width<I>;
  float* data;
  std::ptrdiff_t rows;

  // Floats of memory for an x of `x_rows` rows.
  static constexpr std::size_t floats(std::int64_t x_rows) { return static_cast<std::size_t>(7 * (x_rows / 2) * width); }
  const float* matrix(std::ptrdiff_t number) const { return data + number * rows * width; }

  // From packets of the four quarters that belong together.
  EIGEN_ALWAYS_INLINE void put(const P& q11, const P& q12, const P& q21, const P& q22, float* to) const {
    using namespace Eigen::internal;
    const std::ptrdiff_t next = rows * width;
    pstoreu(to, padd(q11, q22));
    pstoreu(to + next, q11);
    pstoreu(to + 2 * next, psub(q12, q22));
    pstoreu(to + 3 * next, psub(q21, q11));
    pstoreu(to + 4 * next, q22);
    pstoreu(to + 5 * next, padd(q11, q12));
    pstoreu(to + 6 * next, padd(q21, q22));
  }
  // From two panels of x (x_rows × stride), which begin with the column `first`. The workers share the rows.
  template <class How>
  static StrassenRight gathered(const float* x, std::ptrdiff_t stride, std::ptrdiff_t x_rows, std::ptrdiff_t first, const How& how,
                                float* memory, Scratch& scratch) {
    const StrassenRight right{memory, x_rows / 2};
    scratch.split(right.rows, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t size, Scratch&) {
      constexpr std::ptrdiff_t at_once = 512 / width;  // quarters of 2 KiB
      alignas(64) float quarters[4][static_cast<std::size_t>(at_once * width)];
      for (std::ptrdiff_t row = begin; row < begin + size; row += at_once) {
        const std::ptrdiff_t count = std::min(at_once, begin + size - row);
        for (int q = 0; q < 4; ++q) {
          const std::ptrdiff_t from = row + q / 2 * right.rows;
          gather_columns<I>(x + from * stride, stride, count, first + q % 2 * width, width, width, how.from_row(from), quarters[q]);
        }
        right.make(quarters[0], quarters[1], quarters[2], quarters[3], row, count);
      }
    });
    return right;
  }

 private:
  // Rows [row, row + count), from those of the quarters.
  void make(const float* q11, const float* q12, const float* q21, const float* q22, std::ptrdiff_t row, std::ptrdiff_t count) const {
    using namespace Eigen::internal;
    for (std::ptrdiff_t i = 0; i < count * width; i += lanes_of<I>)
      put(ploadu<P>(q11 + i), ploadu<P>(q12 + i), ploadu<P>(q21 + i), ploadu<P>(q22 + i), data + row * width + i);
  }
};

// What takes the tiles of a product whose result h = Function(s + bias) is the right operand of another. h itself is not stored.
template <Isa I, class Function>
struct StoreRight {
  StrassenRight<I> right;
  const float* bias;  // per row

  void operator()(const StrassenTiles<I, 1>& tiles) const {
    using namespace Eigen::internal;
    using P = Packet<I>;
    constexpr int width = panel_width<I>;
    for (std::ptrdiff_t r = 0; r < tiles.rows; ++r) {
      const std::ptrdiff_t row = tiles.row + r;
      const P upper = pset1<P>(bias[row]), lower = pset1<P>(bias[row + right.rows]);
      for (int c = 0; c < width; c += lanes_of<I>) {
        P y[4];
        tiles.four(0).at(r * width + c, y);
#pragma GCC unroll 4
        for (int q = 0; q < 4; ++q) y[q] = Function::apply(padd(y[q], q < 2 ? upper : lower));
        right.put(y[0], y[1], y[2], y[3], right.data + row * width + c);
      }
    }
  }
};

template <Isa I>
class TokenStrassen {
  static constexpr std::ptrdiff_t width = panel_width<I>;

 public:
  using Take = FunctionRef<void(const StrassenTiles<I, 1>&)>;

  TokenStrassen() = default;
  // W: rows × inner, row-major. Its seven sums, tile by tile.
  TokenStrassen(const float* w, std::ptrdiff_t rows, std::ptrdiff_t inner)
      : rows_(rows), m_(inner / 2), left_(static_cast<std::size_t>(7 * half() * m_)) {
    const EvenTiles<I> tiles(half());
    for (std::ptrdiff_t tile = 0; tile < tiles.count; ++tile) {
      const std::ptrdiff_t first = tiles.first(tile), height = tiles.height(tile);
      for (std::ptrdiff_t row = first; row < first + height; ++row) {
        const float* const a11 = w + row * inner;
        const float* const a12 = a11 + m_;
        const float* const a21 = a11 + half() * inner;
        const float* const a22 = a21 + m_;
        float* const to = left_.data() + (7 * first + row - first) * m_;
        for (std::ptrdiff_t k = 0; k < m_; ++k) put_left_sums(a11[k], a12[k], a21[k], a22[k], to + k, height * m_);
      }
    }
  }

  // The sizes that can be cut.
  static constexpr bool fits(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
    return lanes_of<I> > 1 && rows % 2 == 0 && inner % 2 == 0 && columns % (2 * width) == 0;
  }

  // The products with two panels of x, the matrices of a StrassenRight; y begins with the column `column`.
  void multiply(const float* right, std::ptrdiff_t column, const Take& take, Scratch& scratch) const {
    const EvenTiles<I> tiles(half());
    scratch.split(tiles.count, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      constexpr auto apart = static_cast<std::ptrdiff_t>(tile_floats<I>);
      alignas(64) float products[7 * tile_floats<I>];
      for (std::ptrdiff_t tile = first; tile < first + count; ++tile) {
        const std::ptrdiff_t row = tiles.first(tile);
        const int rows = tiles.height(tile);
        const float* a = left_.data() + 7 * row * m_;
        for (std::ptrdiff_t number = 0; number < 7; ++number, a += rows * m_)
          ProductTile<I>::run(
              RegisterTile<I>::packets,
              {m_, {a, m_}, rows, right + number * m_ * width, {bytes(a + rows * m_), bytes(a), 0}, products + number * apart});
        take({row, rows, column, products, apart, 0});
      }
    });
  }
  void multiply(const float* right, std::ptrdiff_t column, const Epilogue& epilogue, Scratch& scratch) const {
    multiply(right, column, [&](const StrassenTiles<I, 1>& tiles) { finish<I, 1>(tiles, {rows_, half(), width}, epilogue); }, scratch);
  }

 private:
  std::ptrdiff_t half() const { return rows_ / 2; }

  std::ptrdiff_t rows_ = 0, m_ = 0;
  Buffer left_;
};

}  // namespace tessera::detail
