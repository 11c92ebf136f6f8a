// SPDX-License-Identifier: MIT
#pragma once

// Parallel<A, B, ...>: layers side by side, each reading the same input, their outputs summed:
//
//     y = A(x) + B(x) + ...
//
// All have the same output shape. A Sequential makes several layers one branch.

#include <algorithm>

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

namespace detail {

// Compares the output of a branch with that of the first one.
template <Shape Output, Shape First>
struct SameOutput {
  static_assert(Output.height == First.height, "Parallel: all branches must give the same height");
  static_assert(Output.width == First.width, "Parallel: all branches must give the same width");
  static_assert(Output.channels == First.channels, "Parallel: all branches must give as many channels");
  static constexpr bool value = true;
};

// The bound branches of a Parallel as a linked list, all bound to the same shape.
template <Shape In, class... Layers>
struct Branches {
  static constexpr std::int64_t macs(Shape) { return 0; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr void visit_parameters(auto&, auto&&) {}
  void add(View<In>, auto, auto, Scratch&) const {}
};

template <Shape In, class First, class... Rest>
struct Branches<In, First, Rest...> {
  static_assert(Layer<First, In>, "Parallel: every branch must be a layer for the shape that reaches it");
  using Head = typename First::template At<In>;
  using Tail = Branches<In, Rest...>;

  Head head;
  [[no_unique_address]] Tail tail;

  static constexpr std::int64_t macs(Shape in) { return detail::macs<Head>(in) + Tail::macs(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return (std::max)(detail::scratch_floats<Head>(in), Tail::scratch_floats(in)); }
  static constexpr void visit_parameters(auto& self, auto&& visit) {
    detail::visit_parameters(self.head, visit);
    Tail::visit_parameters(self.tail, visit);
  }
  // y += A(x) + ..., one term after another. y and term are views of the output shape (spelt out here, g++ 12 crashes).
  void add(View<In> x, auto y, auto term, Scratch& scratch) const {
    head.forward(x, term, scratch);
    reference_add(term, y);
    tail.add(x, y, term, scratch);
  }
};

}  // namespace detail

template <class First, class... Rest>
struct Parallel {
  template <Shape In>
  class At {
   public:
    using Members = detail::Branches<In, First, Rest...>;
    static constexpr Shape input = In, output = Members::Head::output;
    static_assert((... && detail::SameOutput<Rest::template At<In>::output, output>::value));

    static constexpr Shape output_shape(Shape in) { return detail::output_shape<typename Members::Head>(in); }
    static constexpr std::int64_t macs(Shape in) { return Members::macs(in); }
    static constexpr std::size_t scratch_floats(Shape in) { return Scratch::rounded(output_shape(in)) + Members::scratch_floats(in); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      Scratch::Frame frame(scratch);
      const auto term = frame.take<output>(y.shape());
      detail::reference_clear(y);
      members_.add(x, y, term, scratch);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) { Members::visit_parameters(self.members_, visit); }

    const Members& members() const { return members_; }

   private:
    Members members_;
  };
};

}  // namespace tessera
