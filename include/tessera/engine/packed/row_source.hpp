// SPDX-License-Identifier: MIT
#pragma once

// The rows of a product over channels: read as they are, or brought to mean 0 and variance 1 on the way. A source of rows has
//
//     static constexpr std::size_t block_floats(rows, channels);        memory for as many rows, or 0
//     const float* read(x, first, count, channels, buffer, scratch);    where rows [first, first + count) of x can be read, as if the
//                                                                       row 0 were there; buffer: memory for all rows

#include "tessera/kernels/layer_norm.hpp"

namespace tessera::detail {

struct RowsAsTheyAre {
  static constexpr std::size_t block_floats(std::int64_t, std::int64_t) { return 0; }
  const float* read(const float* x, std::ptrdiff_t, std::ptrdiff_t, std::ptrdiff_t, float*, Scratch&) const { return x; }
};

template <Isa I>
struct NormalisedRows {
  NormWeights norm;  // weight and bias may be null: they are folded into the weights of the product

  static constexpr std::size_t block_floats(std::int64_t rows, std::int64_t channels) {
    return Scratch::rounded(static_cast<std::size_t>(rows * channels));
  }
  const float* read(const float* x, std::ptrdiff_t first, std::ptrdiff_t count, std::ptrdiff_t channels, float* buffer,
                    Scratch& scratch) const {
    normalise_rows<I>(x + first * channels, channels, count, channels, norm, buffer + first * channels, channels, scratch);
    return buffer;
  }
};

}  // namespace tessera::detail
