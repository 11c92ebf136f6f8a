// SPDX-License-Identifier: MIT
#pragma once

// What a layer is. A layer is a small specification, e.g. Linear<1000>; At<In> binds it to the shape that it receives:
//
//     struct MyLayer {
//       template <Shape In> class At {
//        public:
//         static constexpr Shape input = In, output = ...;
//         void forward(View<input> x, MutableView<output> y, Scratch&) const;      // y does not overlap x
//         static constexpr void visit_parameters(auto& self, auto&& visit);        // optional: visit("weight", self.weight_);
//         static constexpr Shape output_shape(Shape in);                           // optional: needed where sides are dynamic
//         static constexpr std::int64_t macs(Shape in);                            // optional: multiply-accumulates, else 0
//         static constexpr std::size_t scratch_floats(Shape in);                   // optional: what forward takes, else 0
//         using Composition = Sequential<...>;                                     // optional: what At is made of, if it derives from its
//         At.
//                                                                                  // The engine may run that in the place of forward
//       };
//     };
//
// A bound layer is default-constructible and literal: its parameters know their extents, and get their values later.
// forward is the reference: short, obviously right, const. It has no error path.

#include <concepts>
#include <cstdint>

#include "tessera/core/parameter.hpp"
#include "tessera/core/scratch.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/core/tensor.hpp"

namespace tessera {

// Takes a view of its input shape, fills a view of its output shape, does not change itself.
template <class B>
concept BoundLayer = std::default_initializable<B> && requires(const B& fixed, Scratch& scratch) {
  fixed.forward(View<Shape{B::input}>(nullptr, B::input), MutableView<Shape{B::output}>(nullptr, B::output), scratch);
};

// A specification that can be bound to the shape In.
template <class L, Shape In>
concept Layer = BoundLayer<typename L::template At<In>>;

namespace detail {

// The optional members of a bound layer, with their defaults.
template <class B>
constexpr Shape output_shape(Shape in) {
  if constexpr (requires { B::output_shape(in); }) {
    return B::output_shape(in);
  } else {
    static_assert(B::output.fixed(), "output_shape: a layer with dynamic sides must say how its output follows from its input");
    return B::output;
  }
}

template <class B>
constexpr std::int64_t macs(Shape in) {
  if constexpr (requires { B::macs(in); }) {
    return B::macs(in);
  } else {
    return 0;
  }
}

template <class B>
constexpr std::size_t scratch_floats(Shape in) {
  if constexpr (requires { B::scratch_floats(in); }) {
    return B::scratch_floats(in);
  } else {
    return 0;
  }
}

template <class Self, class Visit>
constexpr void visit_parameters(Self& self, Visit&& visit) {
  if constexpr (requires { Self::visit_parameters(self, visit); }) Self::visit_parameters(self, visit);
}

// A shared parameter is met once under every key that leads to it, and counted once: what has been counted is frozen.
template <class B>
constexpr std::int64_t count_parameters() {
  B layer{};
  std::int64_t count = 0;
  detail::visit_parameters(layer, [&count](const Key&, Parameter& p) {
    if (p.learnable()) count += p.size();
    p.freeze();
  });
  return count;
}

}  // namespace detail
}  // namespace tessera
