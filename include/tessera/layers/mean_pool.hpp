// SPDX-License-Identifier: MIT
#pragma once

// Tokens to one vector, by their mean (global average pooling):
//
//     y[c] = 1/N Σ_n x[n,c]
//
// x: N×C    y: C

#include "tessera/layers/layer.hpp"

namespace tessera {

struct MeanPool {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output{1, 1, In.channels};
    static constexpr Shape output_shape(Shape in) { return {1, 1, in.channels}; }

    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      using Sizes = Eigen::array<Eigen::Index, 3>;
      y.tensor() = x.tensor().mean(Eigen::array<int, 2>{0, 1}).reshape(Sizes{1, 1, In.channels});
    }
  };
};

}  // namespace tessera
