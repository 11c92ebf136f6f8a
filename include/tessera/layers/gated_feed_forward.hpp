// SPDX-License-Identifier: MIT
#pragma once

// Feed-forward layers whose hidden half is gated by the other half:
//
//     GatedFeedForward          y = W2 (u ⊙ act(v)) + b2                  [u v] = W1 x + b1              per position (gMixer)
//     SpatialGatedFeedForward   y = W2 (u ⊙ (A LN(v) + a)) + b2           [u v] = act(W1 x + b1)         A over positions (gMLP)
//
// x, y: N×C    W1: D×C    b1: D    u, v: D/2    W2: C×D/2    b2: C    A: N×N    a: N        D hidden
// Keys: fc1.{weight,bias}, fc2.{weight,bias}; gate.norm.{weight,bias}, gate.proj.{weight,bias}. The gate's norm has ε = 1e-5.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/activation.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/named.hpp"

namespace tessera {

// Hidden: D, the width of the hidden layer with both halves; even.
template <int Hidden, class Activation = Silu>
struct GatedFeedForward {
  template <Shape In>
  class At : public Sequential<Named<"fc1", Linear<Hidden>>, Gated<Activation>, Named<"fc2", Linear<In.channels>>>::template At<In> {
   public:
    using Composition = Sequential<Named<"fc1", Linear<Hidden>>, Gated<Activation>, Named<"fc2", Linear<In.channels>>>;
    const auto& fc1() const { return this->members().head; }
    const auto& fc2() const { return this->members().tail.tail.head; }
  };
};

// Hidden: the same.
template <int Hidden, class Activation = Gelu>
struct SpatialGatedFeedForward {
  // Half of the channels times the other half, mixed across tokens.
  using Gate = Gated<Named<"norm", LayerNorm<1e-5>>, Named<"proj", AcrossTokens<Linear<>>>>;

  template <Shape In>
  class At : public Sequential<Named<"fc1", Linear<Hidden>>, Activation, Named<"gate", Gate>,
                               Named<"fc2", Linear<In.channels>>>::template At<In> {
   public:
    using Composition = Sequential<Named<"fc1", Linear<Hidden>>, Activation, Named<"gate", Gate>, Named<"fc2", Linear<In.channels>>>;
    const auto& fc1() const { return this->members().head; }
    const auto& norm() const { return gate().head; }
    const auto& proj() const { return gate().tail.head.member(); }
    const auto& fc2() const { return this->members().tail.tail.tail.head; }

   private:
    const auto& gate() const { return this->members().tail.tail.head.gate().members(); }
  };
};

}  // namespace tessera
