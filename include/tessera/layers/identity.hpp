// SPDX-License-Identifier: MIT
#pragma once

// Layers that act in training only. At inference y = x, and they have no parameters:
//
//     Dropout           Srivastava et al. 2014
//     StochasticDepth   Huang et al. 2016, arXiv:1603.09382 ("drop path")
//
// They may be written into a network where the paper has them; the engine leaves nothing of them.

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// y = x.
struct Identity {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }
    void forward(View<input> x, MutableView<output> y, Scratch&) const { detail::reference_copy(x, y); }
  };
};

struct Dropout : Identity {};
struct StochasticDepth : Identity {};

}  // namespace tessera
