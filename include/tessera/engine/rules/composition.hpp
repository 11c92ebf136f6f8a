// SPDX-License-Identifier: MIT
#pragma once

// A layer that is made of others, such as GatedFeedForward, where no rule knows it as a whole: the steps of what it is made of.

#include "tessera/engine/lowered.hpp"

namespace tessera::detail {

template <class Bound>
using CompositionOf = typename Bound::Composition;
template <class Bound>
using BoundComposition = typename CompositionOf<Bound>::template At<Bound::input>;

template <Engine E, class L, class Original, class Bound>
  requires std::derived_from<Bound, BoundComposition<Bound>>
class Lowered<E, L, Original, Bound> : public LoweredOf<E, CompositionOf<Bound>, BoundComposition<Bound>> {
  using Steps = LoweredOf<E, CompositionOf<Bound>, BoundComposition<Bound>>;

 public:
  explicit Lowered(const Bound& layer) : Steps(layer) {}
};

}  // namespace tessera::detail
