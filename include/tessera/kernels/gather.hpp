// SPDX-License-Identifier: MIT
#pragma once

// Columns of activations as a right operand: columns [first, first + columns) of x (rows × stride) next to each other, `width` floats a row
// (whole packets), with zeros after the last column. On the way they may be scaled and shifted,
//
//     panel[n, c] = z · weight[c] + bias[c]        z = x[n, c], or (x[n, c] - mean[n]) · scale[n]
//
// which is what a layer norm or an affine layer does before a product over tokens.

#include <algorithm>
#include <concepts>

#include "tessera/core/scratch.hpp"
#include "tessera/kernels/each_packet.hpp"

namespace tessera::detail {

// The ways to gather: x as it is, scaled and shifted, or normalised. weight and bias are vectors over channels, readable up to the end of
// the packet that holds their last element; mean and scale belong to rows. from_row gives the same for rows from this one on.
struct GatherAsIs {
  GatherAsIs from_row(std::ptrdiff_t) const { return {}; }
};
struct GatherScaled {
  const float* weight;
  const float* bias;

  GatherScaled from_row(std::ptrdiff_t) const { return *this; }
  template <class P>
  EIGEN_ALWAYS_INLINE static P value(const P& x, const P&, const P&, const P& w, const P& b) {
    return Eigen::internal::pmadd(x, w, b);
  }
};
struct GatherNormalised {
  const float* mean;
  const float* scale;
  const float* weight;
  const float* bias;

  GatherNormalised from_row(std::ptrdiff_t row) const { return {mean + row, scale + row, weight, bias}; }
  template <class P>
  EIGEN_ALWAYS_INLINE static P value(const P& x, const P& m, const P& s, const P& w, const P& b) {
    using namespace Eigen::internal;
    return pmadd(pmul(psub(x, m), s), w, b);
  }
};

template <Isa I, class How>
void gather_columns(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                    const How& how, float* panel) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  constexpr int packets = RegisterTile<I>::packets;
  if constexpr (std::same_as<How, GatherAsIs>) {
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      float* const to = std::copy_n(x + row * stride + first, columns, panel + row * width);
      std::fill(to, panel + (row + 1) * width, 0.0F);
    }
  } else {
    const float* const weight = how.weight + first;
    const float* const bias = how.bias + first;
    const bool whole = columns == panel_width<I>;
    // Of a whole panel, weights are the same registers in every row.
    P weights[static_cast<std::size_t>(packets)] = {}, biases[static_cast<std::size_t>(packets)] = {};
    for (int p = 0; whole && p < packets; ++p) {
      weights[p] = ploadu<P>(weight + p * lanes_of<I>);
      biases[p] = ploadu<P>(bias + p * lanes_of<I>);
    }
    for (std::ptrdiff_t row = 0; row < rows; ++row) {
      P mean = pset1<P>(0.0F), scale = mean;
      if constexpr (std::same_as<How, GatherNormalised>) {
        mean = pset1<P>(how.mean[row]);
        scale = pset1<P>(how.scale[row]);
      }
      const float* const from = x + row * stride + first;
      float* const to = panel + row * width;
      if (whole) {
#pragma GCC unroll 4
        for (int p = 0; p < packets; ++p)
          pstoreu(to + p * lanes_of<I>, how.value(P(ploadu<P>(from + p * lanes_of<I>)), mean, scale, weights[p], biases[p]));
      } else {
        transform_row<I>(from, columns, to, [&](std::ptrdiff_t j, const P& number) {
          return how.value(number, mean, scale, P(ploadu<P>(weight + j)), P(ploadu<P>(bias + j)));
        });
        std::fill(to + columns, to + width, 0.0F);
      }
    }
  }
}

// The same, shared by the workers.
template <Isa I, class How>
void gather_columns(const float* x, std::ptrdiff_t stride, std::ptrdiff_t rows, std::ptrdiff_t first, int columns, int width,
                    const How& how, float* panel, Scratch& scratch) {
  scratch.split(rows, 1, [&](std::ptrdiff_t row, std::ptrdiff_t count, Scratch&) {
    gather_columns<I>(x + row * stride, stride, count, first, columns, width, how.from_row(row), panel + row * width);
  });
}

}  // namespace tessera::detail
