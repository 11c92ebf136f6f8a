// SPDX-License-Identifier: MIT
#pragma once

// The layers of a network as a list, and the list as a table:
//
//     for (const tessera::LayerInfo& layer : tessera::describe<tessera::ResMlpS12>()) ...
//     std::cout << tessera::layer_table(tessera::describe<tessera::ResMlpS12>());
//
// The list has the layers that compute something. Layers that are made of others (Sequential, Residual, Repeat, FeedForward, ...) appear by
// what they are made of, one line for each member of a Repeat.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/kind.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera {

struct LayerInfo {
  std::string path;             // the names that lead to it, as in a checkpoint: blocks.0.mlp_channels.fc1
  std::string kind;             // its type without arguments: Linear, LayerNorm, ...
  Shape input;                  // of a layer across tokens: 1 × channels × tokens
  Shape output;                 // likewise
  std::int64_t parameters = 0;  // learnable values; those that blocks share are counted where they are met first
  std::int64_t macs = 0;        // multiply-accumulates of one image
  bool across_tokens = false;   // whether it runs along the tokens
};

// The list as a table with a line of totals. `remarks`, if there are any, is one more column: a text for each layer.
std::string layer_table(std::span<const LayerInfo> layers, std::string_view remarks_title = {}, std::span<const std::string> remarks = {});

namespace detail {

// Writes the list, and knows where in the network it is.
class LayerLister {
 public:
  // Goes into a layer with a name or a number. Returns what leave() needs.
  std::size_t enter(std::string_view name);
  std::size_t enter(int index);
  void leave(std::size_t outer) { path_.resize(outer); }
  void add(std::string_view kind, Shape input, Shape output, std::int64_t parameters, std::int64_t macs);

  bool across_tokens = false;
  bool counted = false;  // in a later member of a Repeat: what is shared has been counted
  bool shared = false;   // in a Shared
  std::vector<LayerInfo> list;

 private:
  std::string path_;
};

// Lister<L>::list<In>(to, in) adds the layers of L, bound to In, for an image that gives it the shape `in`.
template <class L>
struct Lister {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    using B = typename L::template At<In>;
    if constexpr (requires { typename B::Composition; })
      Lister<typename B::Composition>::template list<In>(to, in);
    else
      to.add(kind_of<L>(), in, detail::output_shape<B>(in), count_parameters<B>(), detail::macs<B>(in));
  }
};

template <Name Label, class L>
struct Lister<Named<Label, L>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    const std::size_t outer = to.enter(Label.view());
    Lister<L>::template list<In>(to, in);
    to.leave(outer);
  }
};
template <int Axes, class L>
struct Lister<LeadingAxes<Axes, L>> : Lister<L> {};
template <class L>
struct Lister<Shared<L>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    to.shared = true;
    Lister<L>::template list<In>(to, in);
    to.shared = false;
  }
};

template <>
struct Lister<Sequential<>> {
  template <Shape In>
  static void list(LayerLister&, Shape) {}
};
template <class First, class... Rest>
struct Lister<Sequential<First, Rest...>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    using B = typename First::template At<In>;
    Lister<First>::template list<In>(to, in);
    Lister<Sequential<Rest...>>::template list<B::output>(to, detail::output_shape<B>(in));
  }
};
template <Shape In, class... Layers>
struct Lister<Chain<In, Layers...>> : Lister<Sequential<Layers...>> {};
template <class... Layers>
struct Lister<Residual<Layers...>> : Lister<Sequential<Layers...>> {};
template <class... Layers>
struct Lister<Parallel<Layers...>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    (Lister<Layers>::template list<In>(to, in), ...);
  }
};
template <class... Layers>
struct Lister<Gated<Layers...>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    Lister<Sequential<Layers...>>::template list<Shape{In.height, In.width, In.channels / 2}>(to, {in.height, in.width, in.channels / 2});
  }
};
template <class L>
struct Lister<AcrossTokens<L>> {
  template <Shape In>
  static void list(LayerLister& to, Shape) {
    constexpr Shape turned{1, In.channels, static_cast<int>(In.positions())};
    const bool outer = std::exchange(to.across_tokens, true);
    Lister<L>::template list<turned>(to, turned);
    to.across_tokens = outer;
  }
};
template <int Count, class L, int First>
struct Lister<Repeat<Count, L, First>> {
  template <Shape In>
  static void list(LayerLister& to, Shape in) {
    const bool counted = to.counted;
    for (int index = First; index < First + Count; ++index) {
      to.counted = counted || index > First;
      const std::size_t outer = to.enter(index);
      Lister<L>::template list<In>(to, in);
      to.leave(outer);
    }
    to.counted = counted;
  }
};

}  // namespace detail

// The layers of a network, in the order in which they run, for an image of the network's input shape.
template <class N>
std::vector<LayerInfo> describe(Shape image = N::input) {
  if (!image.fixed() || !accepts(N::input, image)) detail::fail("describe: found shape ", image, ", expected one of ", Shape{N::input});
  detail::LayerLister lister;
  detail::Lister<typename N::Body>::template list<N::input>(lister, image);
  return std::move(lister.list);
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/layers/describe_inl.hpp"
#endif
