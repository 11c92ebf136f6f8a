// SPDX-License-Identifier: MIT
#pragma once

// Plain<L>: a specification without the names in it, so that rules of the engine are written as the patterns that they match.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/layers/sequential.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera::detail {

template <class L>
struct PlainOf {
  using type = L;
};
template <class L>
using Plain = typename PlainOf<L>::type;

template <Name Label, class L>
struct PlainOf<Named<Label, L>> : PlainOf<L> {};
template <int Axes, class L>
struct PlainOf<LeadingAxes<Axes, L>> : PlainOf<L> {};
template <class... Layers>
struct PlainOf<Sequential<Layers...>> {
  using type = Sequential<Plain<Layers>...>;
};
template <class... Layers>
struct PlainOf<Residual<Layers...>> {
  using type = Residual<Plain<Layers>...>;
};
template <int Count, class L, int First>
struct PlainOf<Repeat<Count, L, First>> {
  using type = Repeat<Count, Plain<L>, First>;
};
template <class L>
struct PlainOf<AcrossTokens<L>> {
  using type = AcrossTokens<Plain<L>>;
};
template <class... Layers>
struct PlainOf<Parallel<Layers...>> {
  using type = Parallel<Plain<Layers>...>;
};
template <class... Layers>
struct PlainOf<Gated<Layers...>> {
  using type = Gated<Plain<Layers>...>;
};
template <class L>
struct PlainOf<Shared<L>> {
  using type = Shared<Plain<L>>;
};

}  // namespace tessera::detail
