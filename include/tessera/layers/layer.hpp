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
//         using Composition = Sequential<...>;                                     // optional: what At is made of, if it derives from its At
//       };
//     };
//
// A bound layer is default-constructible and literal: its parameters know their extents, and are bound to numbers later.
// forward is the reference: short, obviously right, const. It has no error path.

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

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

// What a layer's visit_parameters meets as `visit`. It is one type for all purposes and at every depth, so that a layer's function is
// compiled once. P is Parameter, or const Parameter for a const layer.
template <class P>
class ParameterVisitor {
 public:
  constexpr virtual void operator()(const Key& key, P& parameter) = 0;

 protected:
  constexpr ~ParameterVisitor() = default;
};
template <class P, class Visit>
class VisitorOf final : public ParameterVisitor<P> {
 public:
  constexpr explicit VisitorOf(Visit& visit) : visit_(visit) {}
  constexpr void operator()(const Key& key, P& parameter) override { visit_(key, parameter); }

 private:
  Visit& visit_;
};
// Puts a name or a number in front of every key.
template <class P>
class PrefixingVisitor final : public ParameterVisitor<P> {
 public:
  constexpr PrefixingVisitor(std::string_view name, ParameterVisitor<P>& visit) : name_(name), visit_(visit) {}
  constexpr PrefixingVisitor(int index, ParameterVisitor<P>& visit) : index_(index), visit_(visit) {}
  constexpr void operator()(const Key& key, P& parameter) override { visit_(index_ < 0 ? Key(name_, key) : Key(index_, key), parameter); }

 private:
  std::string_view name_;
  int index_ = -1;
  ParameterVisitor<P>& visit_;
};

// Calls visit(key, parameter) for each parameter of a bound layer.
template <class Self, class Visit>
constexpr void visit_parameters(Self& self, Visit&& visit) {
  using P = std::conditional_t<std::is_const_v<Self>, const Parameter, Parameter>;
  if constexpr (!std::is_base_of_v<ParameterVisitor<P>, std::remove_reference_t<Visit>>) {
    VisitorOf<P, std::remove_reference_t<Visit>> visitor(visit);
    visit_parameters(self, static_cast<ParameterVisitor<P>&>(visitor));
  } else if constexpr (requires { Self::visit_parameters(self, visit); }) {
    Self::visit_parameters(self, static_cast<ParameterVisitor<P>&>(visit));
  }
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
