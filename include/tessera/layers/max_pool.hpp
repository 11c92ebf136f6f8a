// SPDX-License-Identifier: MIT
#pragma once

// The largest number of each channel within a sliding window; nothing (-∞) around the map:
//
//     y[i,j,c] = max_{u,v} x[iS+u-p, jS+v-p, c]        output side ⌊(n + 2p - k)/S⌋ + 1
//
// x: H×W×C    y: H'×W'×C

#include "tessera/layers/reference.hpp"
#include "tessera/layers/window.hpp"

namespace tessera {

// Kernel: k, the side of the square window in positions. Stride: S, how many positions the window moves; if it is not given, windows do not
// overlap. Padding: p, the border on each side in positions.
template <int Kernel, int Stride = Kernel, int Padding = 0>
struct MaxPool {
  static_assert(Padding < Kernel, "MaxPool: the padding must be smaller than the window");

  template <Shape In>
  class At {
    using Window = detail::Window<Kernel, Stride, Padding>;
    static_assert(Window::padded(In.height) >= Kernel, "MaxPool: the window must fit into the height of the image with its padding");
    static_assert(Window::padded(In.width) >= Kernel, "MaxPool: the window must fit into the width of the image with its padding");

   public:
    static constexpr Shape input = In, output = Window::output_shape(In, In.channels);
    static constexpr Shape output_shape(Shape in) { return Window::output_shape(in, in.channels); }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_max_pool(x, Kernel, Stride, Padding, y); }
  };
};

}  // namespace tessera
