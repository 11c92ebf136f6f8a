// SPDX-License-Identifier: MIT
#pragma once

// A product of all positions of a map with packed weights, y = x · Wᵀ, by Strassen's algorithm where that pays. The rows of x are read as
// they are, or normalised on the way, some positions at a time.

#include <algorithm>
#include <concepts>

#include "tessera/engine/packed/row_source.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen/strassen.hpp"

namespace tessera::detail {

template <Isa I, Algorithm How>
class MapProduct {
  static constexpr bool strassen = How == Algorithm::strassen;
  // Rows that are normalised at a time.
  static constexpr std::ptrdiff_t most_rows = 8 * RegisterTile<I>::rows;

 public:
  MapProduct() = default;
  explicit MapProduct(const WeightMatrix& weights) : weights_(pack_weights<I, levels_of(How)>(weights, weights.columns / 2)) {}

  static constexpr std::size_t scratch_floats(std::int64_t positions, std::int64_t inner) {
    const auto rows = [inner](std::int64_t count) { return Scratch::rounded(static_cast<std::size_t>(count * inner)); };
    if (!strassen) return rows(std::min<std::int64_t>(most_rows, positions));
    return rows(positions) + left_floats(positions, inner) + Strassen<I, 1>::scratch_floats(positions, inner);
  }

  template <class Rows>
  void run(const float* x, std::ptrdiff_t positions, const Rows& source, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t inner = weights_.inner();
    if constexpr (strassen) {
      multiply_strips(x, positions, source, epilogue, scratch);
    } else if constexpr (std::same_as<Rows, RowsAsTheyAre>) {
      multiply_panels<I>(x, inner, {0, positions}, weights_, epilogue, scratch);
    } else {
      const auto block = static_cast<std::ptrdiff_t>(even_block_rows<I>(positions, most_rows, scratch.workers()));
      share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
        Scratch::Frame frame(own);
        float* const rows = frame.take(static_cast<std::size_t>(count * inner));
        const float* const read = source.read(x + first * inner, 0, count, inner, rows, own);
        multiply_panels<I>(read, inner, {0, count}, weights_, epilogue.from_row(first), own);
      });
    }
  }

 private:
  static constexpr std::size_t left_floats(std::int64_t positions, std::int64_t inner) {
    return Scratch::rounded(StrassenLeft<I, 1>::floats(positions, inner));
  }

  // The workers share the rows of the strips.
  template <class Rows>
  void multiply_strips(const float* x, std::ptrdiff_t positions, const Rows& source, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t inner = weights_.inner(), strip = Split<I, 1>::rows(positions);
    Scratch::Frame outer(scratch);
    float* const buffer = outer.take(source.block_floats(positions, inner));
    scratch.split(
        strip, RegisterTile<I>::rows,
        [&](std::ptrdiff_t begin, std::ptrdiff_t size, Scratch& own) {
          const StripRows rows{positions, strip, begin, begin + size};
          const float* read = x;
          rows.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) { read = source.read(x, first, count, inner, buffer, own); });
          Scratch::Frame frame(own);
          const StrassenLeft<I, 1> left(rows, inner, frame.take(left_floats(positions, inner)));
          left.make(read, rows);
          Strassen<I, 1>::multiply(left, weights_, weights_.columns() / 2, epilogue, own);
        },
        1);
  }

  Panels<I> weights_;
};

}  // namespace tessera::detail
