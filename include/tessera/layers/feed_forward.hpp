// SPDX-License-Identifier: MIT
#pragma once

// Two linear layers with an activation between them, the same for every position (channel mixing):
//
//     y[n,:] = W2 · act(W1 · x[n,:] + b1) + b2
//
// x, y: N×C    W1: D×C    b1: D    W2: C×D    b2: C        D hidden        Keys: fc1.{weight,bias}, fc2.{weight,bias}.

#include "tessera/layers/activation.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/sequential.hpp"

namespace tessera {

// Hidden: D, the width of the hidden layer. Activation: a layer that keeps its shape.
template <int Hidden, class Activation = Gelu>
struct FeedForward {
  template <Shape In>
  class At : public Sequential<Named<"fc1", Linear<Hidden>>, Activation, Named<"fc2", Linear<In.channels>>>::template At<In> {
   public:
    using Composition = Sequential<Named<"fc1", Linear<Hidden>>, Activation, Named<"fc2", Linear<In.channels>>>;
    const auto& fc1() const { return this->members().head; }
    const auto& fc2() const { return this->members().tail.tail.head; }
  };
};

}  // namespace tessera
