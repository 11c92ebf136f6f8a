// SPDX-License-Identifier: MIT
#pragma once

// Unnamed<L>: a specification without the names in it, so that rules of the engine are written as the patterns that they match.

#include <concepts>
#include <string_view>

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/identity.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/layers/sequential.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera::detail {

template <class L>
struct UnnamedOf {
  using type = L;
};
template <class L>
using Unnamed = typename UnnamedOf<L>::type;

template <Name Label, class L>
struct UnnamedOf<Named<Label, L>> : UnnamedOf<L> {};
template <int Axes, class L>
struct UnnamedOf<LeadingAxes<Axes, L>> : UnnamedOf<L> {};
template <class... Layers>
struct UnnamedOf<Sequential<Layers...>> {
  using type = Sequential<Unnamed<Layers>...>;
};
template <class... Layers>
struct UnnamedOf<Residual<Layers...>> {
  using type = Residual<Unnamed<Layers>...>;
};
template <int Count, class L, int First>
struct UnnamedOf<Repeat<Count, L, First>> {
  using type = Repeat<Count, Unnamed<L>, First>;
};
template <class L>
struct UnnamedOf<AcrossTokens<L>> {
  using type = AcrossTokens<Unnamed<L>>;
};
template <class... Layers>
struct UnnamedOf<Parallel<Layers...>> {
  using type = Parallel<Unnamed<Layers>...>;
};
template <class... Layers>
struct UnnamedOf<Gated<Layers...>> {
  using type = Gated<Unnamed<Layers>...>;
};
template <class L>
struct UnnamedOf<Shared<L>> {
  using type = Shared<Unnamed<L>>;
};

// A specification without a name of its own; what is inside of it keeps its names.
template <class L>
struct WithoutOwnName {
  using type = L;
};
template <Name Label, class L>
struct WithoutOwnName<Named<Label, L>> : WithoutOwnName<L> {};
template <int Axes, class L>
struct WithoutOwnName<LeadingAxes<Axes, L>> : WithoutOwnName<L> {};
template <class L>
struct WithoutOwnName<Shared<L>> : WithoutOwnName<L> {};

// The layers of a residual branch or of a gate, with their names, as a Sequential.
template <class L>
struct BranchOf : BranchOf<typename WithoutOwnName<L>::type> {};
template <class... Layers>
struct BranchOf<Residual<Layers...>> {
  using type = Sequential<Layers...>;
};
template <class... Layers>
struct BranchOf<Gated<Layers...>> {
  using type = Sequential<Layers...>;
};
template <class L>
using SequentialOf = typename BranchOf<L>::type;

// The name of the result of layers in sequence: the label of the last of them, layers that act in training only left aside. Empty where
// that one has none.
template <class L>
inline constexpr std::string_view result_label = label_of<L>;
template <class... Layers>
constexpr std::string_view last_label() {
  std::string_view last;
  ((last = std::derived_from<Unnamed<Layers>, Identity> ? last : result_label<Layers>), ...);
  return last;
}
template <class... Layers>
inline constexpr std::string_view result_label<Sequential<Layers...>> = last_label<Layers...>();
template <class... Layers>
inline constexpr std::string_view result_label<Residual<Layers...>> = {};

}  // namespace tessera::detail
