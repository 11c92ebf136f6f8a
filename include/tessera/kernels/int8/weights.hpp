// SPDX-License-Identifier: MIT
#pragma once

// Weights as bytes, quantised once, at load. Each output of a layer has a scale of its own:
//
//     W[n,k] ≈ scale[n] · w[n,k]        |w| ≤ Int8Dot::most_weight
//
// offset[n] = scale[n] · Σ_k w[n,k] is what the offset of an activation is multiplied with (kernels/int8/product.hpp).

#include <cstring>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/kernels/int8/quantise.hpp"
#include "tessera/kernels/int8/quantise_weights.hpp"
#include "tessera/kernels/product_tile.hpp"
#include "tessera/kernels/weight_matrix.hpp"

namespace tessera::detail {

// Heap memory for bytes that starts at a multiple of 64.
class Int8Buffer {
 public:
  Int8Buffer() = default;
  explicit Int8Buffer(std::ptrdiff_t bytes) : floats_((static_cast<std::size_t>(bytes) + sizeof(float) - 1) / sizeof(float)) {}
  std::byte* data() { return reinterpret_cast<std::byte*>(floats_.data()); }
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(floats_.data()); }

 private:
  Buffer floats_;
};

// W as the right operand of y = x · Wᵀ, in panels as kernels/panels.hpp has them, with four bytes of a column next to each other.
template <Isa I>
class Int8Panels {
 public:
  Int8Panels() = default;
  explicit Int8Panels(const WeightMatrix& weights) : columns_(weights.columns), inner_(weights.inner) {
    const std::ptrdiff_t last = (columns_ - 1) / panel_width<I> * panel_width<I>, all = last + packets(last) * lanes_of<I>;
    packed_ = Int8Buffer(all * 4 * groups());
    scale_ = Buffer(static_cast<std::size_t>(all));
    offset_ = Buffer(static_cast<std::size_t>(all));
    std::vector<float> numbers(static_cast<std::size_t>(inner_));
    std::vector<std::int8_t> bytes(static_cast<std::size_t>(row_bytes<I>(inner_)));
    for (std::ptrdiff_t first = 0; first < columns_; first += panel_width<I>) {
      const std::ptrdiff_t width = packets(first) * lanes_of<I>;
      for (std::ptrdiff_t column = first; column < std::min(first + width, columns_); ++column) {
        write_column<I>(weights, column, 0, inner_, numbers.data());
        const QuantisedWeights quantised = quantise_weights(numbers.data(), inner_, Int8Dot<I>::most_weight, bytes.data());
        scale_.data()[column] = quantised.scale;
        offset_.data()[column] = quantised.scale * static_cast<float>(quantised.sum);
        put_column(bytes.data(), packed_.data() + first * 4 * groups() + (column - first) * 4, 4 * width);
      }
    }
  }

  std::ptrdiff_t columns() const { return columns_; }
  std::ptrdiff_t inner() const { return inner_; }
  std::ptrdiff_t groups() const { return groups_of(inner_); }
  // Packets of the panel that starts at column `first`, its bytes, and the scales of its columns.
  int packets(std::ptrdiff_t first) const { return ProductTile<I>::packets_at_once(columns_ - first); }
  const std::byte* panel(std::ptrdiff_t first) const { return packed_.data() + first * 4 * groups(); }
  Int8ConstScales scales(std::ptrdiff_t first) const { return {scale_.data() + first, offset_.data() + first}; }

 private:
  // Writes the bytes of a column, which zeros follow, in the order of row_order; groups are `step` bytes apart.
  void put_column(const std::int8_t* bytes, std::byte* to, std::ptrdiff_t step) const {
    for (std::ptrdiff_t block = 0; block < inner_; block += 4 * lanes_of<I>) {
      const std::ptrdiff_t apart = std::min<std::ptrdiff_t>(lanes_of<I>, groups_of(inner_ - block));
      for (const std::int8_t* from = bytes + block; from < bytes + block + apart; ++from, to += step) {
        const std::int8_t four[4] = {from[0], from[apart], from[2 * apart], from[3 * apart]};
        std::memcpy(to, four, 4);
      }
    }
  }

  std::ptrdiff_t columns_ = 0, inner_ = 0;
  Int8Buffer packed_;
  Buffer scale_, offset_;
};

// W as the left operand of y = W · x, row by row, whole groups.
template <Isa I>
class Int8Rows {
 public:
  Int8Rows() = default;
  Int8Rows(const float* weights, std::ptrdiff_t rows, std::ptrdiff_t inner)
      : rows_(rows),
        inner_(inner),
        bytes_(rows * stride()),
        scale_(static_cast<std::size_t>(rows)),
        offset_(static_cast<std::size_t>(rows)) {
    for (std::ptrdiff_t n = 0; n < rows; ++n) {
      const QuantisedWeights quantised = quantise_weights(weights + n * inner, inner, Int8Dot<I>::most_weight,
                                                          reinterpret_cast<std::int8_t*>(bytes_.data() + n * stride()));
      scale_.data()[n] = quantised.scale;
      offset_.data()[n] = quantised.scale * static_cast<float>(quantised.sum);
    }
  }

  std::ptrdiff_t rows() const { return rows_; }
  std::ptrdiff_t inner() const { return inner_; }
  std::ptrdiff_t groups() const { return groups_of(inner_); }
  std::ptrdiff_t stride() const { return 4 * groups(); }
  const std::byte* data() const { return bytes_.data(); }
  Int8ConstScales scales() const { return {scale_.data(), offset_.data()}; }

 private:
  std::ptrdiff_t rows_ = 0, inner_ = 0;
  Int8Buffer bytes_;
  Buffer scale_, offset_;
};

}  // namespace tessera::detail
