// SPDX-License-Identifier: MIT
#pragma once

// What layers with a sliding window share. The window sees Kernel×Kernel positions, moves by Stride positions, and the map has a border of
// Padding positions:
//
//     y[i,j,:] = f(x[iS+u-p, jS+v-p, :]  for 0 ≤ u,v < k)        output side ⌊(n + 2p - k)/S⌋ + 1

#include "tessera/layers/layer.hpp"

namespace tessera::detail {

template <int Kernel, int Stride, int Padding>
struct Window {
  static_assert(Kernel > 0 && Stride > 0 && Padding >= 0, "Window: kernel and stride must be positive, padding must not be negative");

  // A dynamic side gives a dynamic side.
  static constexpr int output_side(int side) {
    if (side == Dynamic) return Dynamic;
    if (side + 2 * Padding < Kernel) fail("Window: found a side of ", side, ", expected at least ", Kernel - 2 * Padding);
    return (side + 2 * Padding - Kernel) / Stride + 1;
  }
  static constexpr Shape output_shape(Shape in, int channels) { return {output_side(in.height), output_side(in.width), channels}; }

  // A side of an image with its padding. One that is not known is long enough.
  static constexpr int padded(int side) { return side == Dynamic ? Kernel : side + 2 * Padding; }
};

}  // namespace tessera::detail
