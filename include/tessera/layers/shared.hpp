// SPDX-License-Identifier: MIT
#pragma once

// Shared<L>: inside a Repeat, one L for all of its members instead of one for each:
//
//     Repeat<24, Residual<Named<"norm1", LayerNorm<>>, Named<"mlp", Shared<AcrossTokens<FeedForward<98>>>>>>
//
// has 24 norms and one feed-forward. Its weights are stored, counted and packed once. In a checkpoint they have a key under every
// member (blocks.0.mlp..., blocks.1.mlp..., ...), all for one tensor.

#include <array>

#include "tessera/layers/layer.hpp"

namespace tessera {

template <class L>
struct Shared {
  template <Shape In>
  class At : public L::template At<In> {
   public:
    constexpr At() {
      detail::visit_parameters(static_cast<typename L::template At<In>&>(*this), [](const Key&, Parameter& p) { p.share(); });
    }
  };
};

namespace detail {

template <class B>
constexpr std::size_t count_tensors(bool only_shared) {
  B layer{};
  std::size_t count = 0;
  detail::visit_parameters(layer, [&](const Key&, const Parameter& p) { count += only_shared && !p.shared() ? 0U : 1U; });
  return count;
}

// Whether a member of a Repeat shares weights with its neighbours.
template <class B>
inline constexpr bool shares = count_tensors<B>(true) > 0;

// Visits the parameters of a member, but the first member's in place of those that they share.
template <class Member, class Visit>
constexpr void visit_sharing(Member& member, Member& first, Visit&& visit) {
  if constexpr (shares<std::remove_const_t<Member>>) {
    using P = std::conditional_t<std::is_const_v<Member>, const Parameter, Parameter>;
    std::array<P*, count_tensors<std::remove_const_t<Member>>(false)> of_first{};
    std::size_t next = 0;
    detail::visit_parameters(first, [&](const Key&, P& p) { of_first[next++] = &p; });
    next = 0;
    detail::visit_parameters(member, [&](const Key& key, P& p) { visit(key, p.shared() ? *of_first[next] : p), ++next; });
  } else {
    detail::visit_parameters(member, visit);
  }
}

// A member with the values of the first one for what they share.
template <class Member>
Member sharing(const Member& member, const Member& first) {
  Member complete = member;
  if constexpr (shares<Member>) {
    std::array<const Parameter*, count_tensors<Member>(false)> values{};
    std::size_t next = 0;
    visit_sharing(member, first, [&](const Key&, const Parameter& p) { values[next++] = &p; });
    next = 0;
    detail::visit_parameters(complete, [&](const Key&, Parameter& p) { p = *values[next++]; });
  }
  return complete;
}

}  // namespace detail
}  // namespace tessera
