// SPDX-License-Identifier: MIT
#pragma once

// WithClasses<N, K>: the network N with K classes, and with everything else that N says: name, preprocessing, ...
//
//     using Pets = tessera::WithClasses<tessera::MixerB16, 37>;
//
// The last layer of N has to be Named<"head", Linear<...>>, as in every classifier of the library.

#include "tessera/layers/network.hpp"

namespace tessera {

namespace detail {

// Done followed by the other layers, of which the last is the head.
template <Shape In, int Classes, class Done, class... Layers>
struct HeadReplaced;
template <Shape In, int Classes, class... Done, class Head>
struct HeadReplaced<In, Classes, Sequential<Done...>, Head> {
  using type = Network<In, Done..., Named<"head", Linear<Classes>>>;
};
template <Shape In, int Classes, class... Done, class First, class Second, class... Rest>
struct HeadReplaced<In, Classes, Sequential<Done...>, First, Second, Rest...>
    : HeadReplaced<In, Classes, Sequential<Done..., First>, Second, Rest...> {};

template <class N, int Classes, class... Layers>
auto head_replaced(Sequential<Layers...>*) -> typename HeadReplaced<N::input, Classes, Sequential<>, Layers...>::type;

}  // namespace detail

template <class N, int Classes>
struct WithClasses : N {
  static_assert(Classes > 0, "WithClasses: the number of classes must be positive");
  static_assert(detail::has_head<N>, "WithClasses: the last layer of the network must be Named<\"head\", Linear<...>>");
  using Changed = decltype(detail::head_replaced<N, Classes>(static_cast<typename N::Body*>(nullptr)));
  using Body = typename Changed::Body;
  using Bound = typename Changed::Bound;

  static constexpr Shape output = Changed::output;
  static constexpr std::int64_t parameter_count = Changed::parameter_count;
  static constexpr std::int64_t macs = Changed::macs;
  static constexpr int classes = Classes;

  static constexpr std::int64_t macs_at(Shape image) { return Changed::macs_at(image); }
};

}  // namespace tessera
