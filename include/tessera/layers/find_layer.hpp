// SPDX-License-Identifier: MIT
#pragma once

// The bound layer that a path of names leads to: "head", or "blocks.3.norm1" with an index where a Repeat has one. A path may leave out
// nothing, but layers without a name are gone through.

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/layers/sequential.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera::detail {

struct NoLayer {};
template <class T>
inline constexpr bool is_layer_found = !std::is_same_v<T, NoLayer>;

// What is left of a path after a label and its dot; npos if the path does not begin with it.
constexpr std::size_t after_label(std::string_view path, std::size_t from, std::string_view label) {
  const std::string_view rest = path.substr(from);
  if (!rest.starts_with(label)) return std::string_view::npos;
  if (rest.size() == label.size()) return path.size();
  return rest[label.size()] == '.' ? from + label.size() + 1 : std::string_view::npos;
}
struct PathIndex {
  int index;  // -1 if there is no number
  std::size_t next;
};
constexpr PathIndex index_in(std::string_view path, std::size_t from) {
  std::size_t end = from;
  int index = 0;
  while (end < path.size() && path[end] >= '0' && path[end] <= '9') index = 10 * index + (path[end++] - '0');
  if (end == from || (end < path.size() && path[end] != '.')) return {-1, from};
  return {index, end == path.size() ? end : end + 1};
}

// Finder<L>::find<Path, From>(bound layer of L): a copy of the bound layer that the path from From on leads to, or NoLayer. A bound layer
// is a few extents and pointers.
template <class L>
struct Finder {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size())
      return layer;
    else if constexpr (requires { typename B::Composition; })
      return Finder<typename B::Composition>::template find<Path, From>(
          static_cast<const typename B::Composition::template At<B::input>&>(layer));
    else
      return NoLayer();
  }
};

template <Name Label, class L>
struct Finder<Named<Label, L>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    constexpr std::size_t next = after_label(Path.view(), From, Label.view());
    if constexpr (next == std::string_view::npos)
      return NoLayer();
    else
      return Finder<L>::template find<Path, next>(static_cast<const typename L::template At<B::input>&>(layer));
  }
};

// The first member of a Chain or of Branches that has the path.
template <class First, class... Rest>
struct MemberFinder {
  template <Name Path, std::size_t From, class Members>
  static auto find(const Members& members) {
    using Found = decltype(Finder<First>::template find<Path, From>(members.head));
    if constexpr (is_layer_found<Found>)
      return Finder<First>::template find<Path, From>(members.head);
    else if constexpr (sizeof...(Rest) > 0)
      return MemberFinder<Rest...>::template find<Path, From>(members.tail);
    else
      return NoLayer();
  }
};
template <class... Layers>
struct Finder<Sequential<Layers...>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size())
      return layer;
    else
      return MemberFinder<Layers...>::template find<Path, From>(layer.members());
  }
};
template <class... Layers>
struct Finder<Parallel<Layers...>> : Finder<Sequential<Layers...>> {};
template <class... Layers>
struct Finder<Residual<Layers...>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size())
      return layer;
    else
      return Finder<Sequential<Layers...>>::template find<Path, From>(layer.branch());
  }
};
template <class... Layers>
struct Finder<Gated<Layers...>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size())
      return layer;
    else
      return Finder<Sequential<Layers...>>::template find<Path, From>(layer.gate());
  }
};
template <class L>
struct Finder<AcrossTokens<L>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size())
      return layer;
    else
      return Finder<L>::template find<Path, From>(layer.member());
  }
};
template <class L>
struct Finder<Shared<L>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    return Finder<L>::template find<Path, From>(static_cast<const typename L::template At<B::input>&>(layer));
  }
};
template <int Axes, class L>
struct Finder<LeadingAxes<Axes, L>> : Finder<Shared<L>> {};
template <int Count, class L, int First>
struct Finder<Repeat<Count, L, First>> {
  template <Name Path, std::size_t From, class B>
  static auto find(const B& layer) {
    if constexpr (From == Path.view().size()) {
      return layer;
    } else {
      constexpr PathIndex place = index_in(Path.view(), From);
      if constexpr (place.index < First || place.index >= First + Count)
        return NoLayer();
      else
        return Finder<L>::template find<Path, place.next>(layer.member(place.index - First));
    }
  }
};

}  // namespace tessera::detail
