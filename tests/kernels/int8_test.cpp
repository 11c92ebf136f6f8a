// SPDX-License-Identifier: MIT
//
// Products of bytes: the integer sums against a plain loop, to the last bit and at the corners of the ranges; quantised operands against
// the bound that their scales promise; and the same bits in whichever tile a sum is computed.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/int8/product.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

// What a stored byte of an activation stands for.
template <class Dot>
int activation(std::byte byte) {
  return Dot::zero == 0 ? std::to_integer<int>(byte) : static_cast<std::int8_t>(byte);
}

// Sums of a tile of the operands left and right, and the same by a loop.
template <class Dot, bool WeightsLeft>
void check_sums(const std::vector<std::byte>& left, const std::vector<std::byte>& right, std::ptrdiff_t groups) {
  typename Dot::Sums sums = Dot::zeros();
  for (std::ptrdiff_t g = 0; g < groups; ++g) {
    const typename Dot::Bytes all = Dot::load(right.data() + g * 4 * lanes), four = Dot::broadcast(left.data() + 4 * g);
    sums = WeightsLeft ? Dot::add(sums, all, four) : Dot::add(sums, four, all);
  }
  std::int32_t found[lanes], wanted[lanes] = {};
  Dot::store(found, sums);
  for (std::ptrdiff_t g = 0; g < groups; ++g)
    for (int i = 0; i < 4 * lanes; ++i) {
      const std::byte from_left = left[static_cast<std::size_t>(4 * g + i % 4)],
                      from_right = right[static_cast<std::size_t>(4 * g * lanes + i)];
      const std::byte a = WeightsLeft ? from_right : from_left, w = WeightsLeft ? from_left : from_right;
      wanted[i / 4] += activation<Dot>(a) * static_cast<std::int8_t>(w);
    }
  REQUIRE(std::equal(found, found + lanes, wanted));
}

template <class Dot>
void check_dot() {
  constexpr std::ptrdiff_t groups = 1024;
  std::uint32_t state = 1;
  const auto random = [&state] { return (state = state * 1664525U + 1013904223U) >> 16; };
  const auto lowest = static_cast<std::byte>(Dot::zero), highest = static_cast<std::byte>(255 - Dot::zero);
  const auto least = static_cast<std::byte>(256 - Dot::most_weight), most = static_cast<std::byte>(Dot::most_weight);
  using Bytes = std::vector<std::byte>;
  const auto bytes = [](std::ptrdiff_t count, const auto& make) {
    Bytes all(static_cast<std::size_t>(count));
    std::generate(all.begin(), all.end(), make);
    return all;
  };
  const auto any_activation = [&] { return static_cast<std::byte>(random()); };
  const auto any_weight = [&] { return static_cast<std::byte>(random() % (2 * Dot::most_weight + 1) + 256 - Dot::most_weight); };
  const auto corner_activation = [&] { return random() % 2 == 0 ? lowest : highest; };
  const auto corner_weight = [&] { return random() % 2 == 0 ? least : most; };
  const auto both = [&](const auto& make_activation, const auto& make_weight) {
    check_sums<Dot, false>(bytes(4 * groups, make_activation), bytes(4 * groups * lanes, make_weight), groups);
    check_sums<Dot, true>(bytes(4 * groups, make_weight), bytes(4 * groups * lanes, make_activation), groups);
  };
  both(any_activation, any_weight);
  both(corner_activation, corner_weight);
  for (const std::byte a : {lowest, highest})
    for (const std::byte w : {least, most}) both([a] { return a; }, [w] { return w; });
}

struct Quantised {
  std::vector<std::byte> bytes;
  std::vector<float> scale, offset;

  // Rows of x as a left operand.
  Quantised(const std::vector<float>& x, std::ptrdiff_t rows, std::ptrdiff_t inner)
      : bytes(static_cast<std::size_t>(rows * row_bytes<isa>(inner))),
        scale(static_cast<std::size_t>(rows)),
        offset(static_cast<std::size_t>(rows)) {
    for (std::ptrdiff_t n = 0; n < rows; ++n)
      quantise_row<isa>(x.data() + n * inner, inner, bytes.data() + n * row_bytes<isa>(inner), scale[static_cast<std::size_t>(n)],
                        offset[static_cast<std::size_t>(n)]);
  }
};

}  // namespace

TEST_CASE("Sums of products of bytes are those of a plain loop, at the corners of the ranges as well") {
  check_dot<Int8Dot<isa>>();
  check_dot<DotPortable<isa>>();
}

TEST_CASE("A quantised row is within half a step of its numbers, in the order of row_order") {
  for (std::ptrdiff_t inner = 1; inner < 12 * lanes + 7; ++inner) {
    CAPTURE(inner);
    const std::vector<float> x = numbers("x", inner);
    const Quantised row(x, 1, inner);
    std::vector<int> seen(static_cast<std::size_t>(inner));
    for (std::ptrdiff_t group = 0; group < groups_of(inner); ++group)
      for (int j = 0; j < 4; ++j) {
        const auto k = static_cast<std::size_t>(row_order<isa>(inner, group, j));
        if (k >= x.size()) continue;
        ++seen[k];
        const int b = activation<Int8Dot<isa>>(row.bytes[static_cast<std::size_t>(4 * group + j)]);
        REQUIRE(std::abs(row.scale[0] * static_cast<float>(b) + row.offset[0] - x[k]) <= 0.501F * row.scale[0] + 1e-6F);
      }
    REQUIRE(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    const auto [least, most] = std::minmax_element(x.begin(), x.end());
    REQUIRE(row.scale[0] == (*most - *least) / 255.0F);
  }
}

TEST_CASE("Columns are quantised as rows are") {
  constexpr std::ptrdiff_t width = 2 * lanes;
  for (const std::ptrdiff_t inner : {1, 2, 3, 4, 7, 49, 196}) {
    CAPTURE(inner);
    const std::vector<float> panel = numbers("panel", inner * width);
    std::vector<std::byte> bytes(static_cast<std::size_t>(groups_of(inner) * width * 4));
    std::vector<float> scale(static_cast<std::size_t>(width)), offset(scale.size());
    for (const std::ptrdiff_t first : {0, lanes})
      quantise_columns<isa>(panel.data(), inner, width, first, bytes.data(), {scale.data(), offset.data()});
    for (std::ptrdiff_t k = 0; k < inner; ++k)
      for (std::ptrdiff_t c = 0; c < width; ++c) {
        const int b = activation<Int8Dot<isa>>(bytes[static_cast<std::size_t>((k / 4 * width + c) * 4 + k % 4)]);
        const auto column = static_cast<std::size_t>(c);
        REQUIRE(std::abs(scale[column] * static_cast<float>(b) + offset[column] - panel[static_cast<std::size_t>(k * width + c)]) <=
                0.501F * scale[column] + 1e-6F);
      }
  }
}

TEST_CASE("A product of quantised rows with packed weights is the sum of their products, with the same bits in every tile") {
  constexpr std::ptrdiff_t rows = 3 * int8_tile_rows<isa> + 4, columns = 2 * panel_width<isa> + lanes + 1;
  const std::vector<float> bias = numbers("bias", columns + lanes);
  for (const std::ptrdiff_t inner : {1, 30, 256, 257, 1025}) {
    CAPTURE(inner);
    const std::vector<float> x = numbers("x", rows * inner), w = numbers("w", columns * inner);
    const Int8Panels<isa> weights(WeightMatrix{.data = w.data(), .columns = columns, .inner = inner});
    const Quantised left(x, rows, inner);
    const auto multiply = [&](RowRange range, std::vector<float>& y) {
      Scratch scratch(0);
      const Epilogue add{.y = y.data(), .stride = columns, .bias_of = BiasOf::channel, .bias = bias.data(), .combine = Combine::add};
      multiply_int8_panels<isa>({left.bytes.data(), row_bytes<isa>(inner), {left.scale.data(), left.offset.data()}, false}, range, weights,
                                add, scratch);
    };
    std::vector<float> y(static_cast<std::size_t>(rows * columns), 1.0F), alone = y;
    multiply({0, rows}, y);
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      multiply({row, 1}, alone);
      REQUIRE(std::equal(y.begin(), y.begin() + (row + 1) * columns, alone.begin()));
      REQUIRE(std::all_of(alone.begin() + (row + 1) * columns, alone.end(), [](float v) { return v == 1.0F; }));
      for (std::ptrdiff_t c = 0; c < columns; ++c) {
        double sum = 1.0 + double{bias[static_cast<std::size_t>(c)]}, bound = 1e-5;
        float largest = 0;
        for (std::ptrdiff_t k = 0; k < inner; ++k) largest = std::max(largest, std::abs(w[static_cast<std::size_t>(c * inner + k)]));
        const double step = double{largest} / Int8Dot<isa>::most_weight, row_step = double{left.scale[static_cast<std::size_t>(row)]};
        for (std::ptrdiff_t k = 0; k < inner; ++k) {
          const double a = double{x[static_cast<std::size_t>(row * inner + k)]}, b = double{w[static_cast<std::size_t>(c * inner + k)]};
          sum += a * b;
          bound += 0.51 * (std::abs(a) * step + (std::abs(b) + step) * row_step);
        }
        REQUIRE(std::abs(y[static_cast<std::size_t>(row * columns + c)] - sum) <= bound);
      }
    }
  }
}

TEST_CASE("A number that is not finite makes the sums of its row NaN, and of no other") {
  constexpr std::ptrdiff_t inner = 70, columns = lanes;
  const std::vector<float> w = numbers("w", columns * inner);
  const Int8Panels<isa> weights(WeightMatrix{.data = w.data(), .columns = columns, .inner = inner});
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()})
    for (const std::ptrdiff_t place : {0, 33, 69}) {
      std::vector<float> x = numbers("x", 2 * inner), y(static_cast<std::size_t>(2 * columns));
      x[static_cast<std::size_t>(inner + place)] = bad;
      const Quantised left(x, 2, inner);
      Scratch scratch(0);
      multiply_int8_panels<isa>({left.bytes.data(), row_bytes<isa>(inner), {left.scale.data(), left.offset.data()}, false}, {0, 2}, weights,
                                {.y = y.data(), .stride = columns}, scratch);
      REQUIRE(std::all_of(y.begin(), y.begin() + columns, [](float v) { return std::isfinite(v); }));
      REQUIRE(std::all_of(y.begin() + columns, y.end(), [](float v) { return std::isnan(v); }));
    }
}
