// SPDX-License-Identifier: MIT
#pragma once

// Tokens to one vector, by their mean (global average pooling):
//
//     y[c] = 1/N Σ_n x[n,c]
//
// x: N×C    y: C

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

struct MeanPool {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output{1, 1, In.channels};
    static constexpr Shape output_shape(Shape in) { return {1, 1, in.channels}; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_mean_pool(x, y); }
  };
};

}  // namespace tessera
