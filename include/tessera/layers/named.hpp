// SPDX-License-Identifier: MIT
#pragma once

// Named<"norm1", Affine>: an Affine whose parameters are called norm1.alpha and norm1.beta in a checkpoint, and whose output can be
// asked for by that name where the engine makes it (not inside a branch or a fused step). A name changes nothing else: patterns of
// layers are recognised with or without names.

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "tessera/layers/layer.hpp"

namespace tessera {

// A string literal as a template argument.
template <std::size_t Size>
struct Name {
  // The characters, and a zero.
  char text[Size]{};
  // From a literal.
  constexpr Name(const char (&literal)[Size]) { std::copy_n(literal, Size, text); }
  // The text without the zero.
  constexpr std::string_view view() const { return {text, Size - 1}; }
};

template <Name Label, class L>
struct Named {
  template <Shape In>
  class At : public L::template At<In> {
   public:
    static constexpr void visit_parameters(auto& self, auto&& visit) {
      using Base = typename L::template At<In>;
      constexpr bool is_const = std::is_const_v<std::remove_reference_t<decltype(self)>>;
      auto& base = static_cast<std::conditional_t<is_const, const Base, Base>&>(self);
      detail::visit_parameters(base, [&visit](const Key& key, auto& parameter) { visit(Key(Label.view(), key), parameter); });
    }
  };
};

// LeadingAxes<2, LayerScale>: a layer whose parameters have two more axes of extent one in published checkpoints, before the others.
// Nothing else changes.
template <int Axes, class L>
struct LeadingAxes {
  template <Shape In>
  class At : public L::template At<In> {
   public:
    constexpr At() {
      detail::visit_parameters(static_cast<typename L::template At<In>&>(*this),
                               [](const Key&, Parameter& p) { p.publish_with_leading_axes(Axes); });
    }
  };
};

namespace detail {

// The label of a specification, empty where it has none.
template <class L>
inline constexpr std::string_view label_of{};
template <Name Label, class L>
inline constexpr std::string_view label_of<Named<Label, L>> = Label.view();

}  // namespace detail
}  // namespace tessera
