// SPDX-License-Identifier: MIT
#pragma once

// A product of all positions of a map with packed weights, y = x · Wᵀ, as bytes. Each row of x has a scale of its own.

#include "tessera/engine/packed/map_product.hpp"
#include "tessera/kernels/int8/product.hpp"

namespace tessera::detail {

template <Isa I>
class MapProduct<I, Algorithm::int8> {
  // Rows that are quantised at a time.
  static constexpr std::ptrdiff_t most_rows = 2 * enough_rows<I>;

 public:
  MapProduct() = default;
  explicit MapProduct(const WeightMatrix& weights) : weights_(weights) {}

  static constexpr std::size_t scratch_floats(std::int64_t positions, std::int64_t inner) {
    const std::int64_t block = std::min<std::int64_t>(most_rows, positions);
    return Scratch::rounded(static_cast<std::size_t>(block * inner)) + Int8Activations<I>::floats(block, inner);
  }

  template <class Rows>
  void run(const float* x, std::ptrdiff_t positions, const Rows& source, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t inner = weights_.inner();
    const auto block = static_cast<std::ptrdiff_t>(even_block_rows<I>(positions, most_rows, scratch.workers()));
    share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      Scratch::Frame frame(own);
      float* const rows = frame.take(Rows::block_floats(count, inner));
      const float* const read = source.read(x + first * inner, 0, count, inner, rows, own);
      multiply_int8_panels<I>(Int8Activations<I>::quantised(read, count, inner, frame, own), {0, count}, weights_, epilogue.from_row(first),
                              own);
    });
  }

 private:
  Int8Panels<I> weights_;
};

}  // namespace tessera::detail
