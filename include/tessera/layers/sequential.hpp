// SPDX-License-Identifier: MIT
#pragma once

// Sequential<A, B, ...>: one layer after another, y = ...B(A(x)). Each is bound to the shape that the one before it gives.

#include <algorithm>

#include "tessera/layers/layer.hpp"

namespace tessera {

namespace detail {

// The bound members of a Sequential as a linked list: head, then tail.
template <Shape In, class... Layers>
struct Chain {
  static constexpr Shape input = In, output = In;
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::int64_t macs(Shape) { return 0; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr void visit_parameters(auto&, auto&&) {}
};

template <Shape In, class First, class... Rest>
struct Chain<In, First, Rest...> {
  static_assert(Layer<First, In>, "Sequential: every member must be a layer for the shape that reaches it");
  using Head = typename First::template At<In>;
  using Tail = Chain<Head::output, Rest...>;
  static constexpr bool last = sizeof...(Rest) == 0;
  static constexpr Shape input = In, output = Tail::output;

  Head head;
  [[no_unique_address]] Tail tail;

  static constexpr Shape output_shape(Shape in) { return Tail::output_shape(detail::output_shape<Head>(in)); }
  static constexpr std::int64_t macs(Shape in) { return detail::macs<Head>(in) + Tail::macs(detail::output_shape<Head>(in)); }
  static constexpr std::size_t scratch_floats(Shape in) {
    const Shape between = detail::output_shape<Head>(in);
    return (std::max)(detail::scratch_floats<Head>(in) + (last ? 0 : Scratch::rounded(between)),
                      Tail::scratch_floats(between) + (last ? 0 : Scratch::rounded(between)));
  }
  void forward(View<In> x, MutableView<output> y, Scratch& scratch) const {
    if constexpr (last) {
      head.forward(x, y, scratch);
    } else {
      Scratch::Frame frame(scratch);
      const auto between = frame.take<Head::output>(detail::output_shape<Head>(x.shape()));
      head.forward(x, between, scratch);
      tail.forward(between, y, scratch);
    }
  }
  static constexpr void visit_parameters(auto& self, auto&& visit) {
    detail::visit_parameters(self.head, visit);
    Tail::visit_parameters(self.tail, visit);
  }
};

}  // namespace detail

template <class... Layers>
struct Sequential {
  static_assert(sizeof...(Layers) > 0, "Sequential: at least one layer is needed");

  template <Shape In>
  class At {
   public:
    using Members = detail::Chain<In, Layers...>;
    static constexpr Shape input = In, output = Members::output;

    static constexpr Shape output_shape(Shape in) { return Members::output_shape(in); }
    static constexpr std::int64_t macs(Shape in) { return Members::macs(in); }
    static constexpr std::size_t scratch_floats(Shape in) { return Members::scratch_floats(in); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const { members_.forward(x, y, scratch); }

    static constexpr void visit_parameters(auto& self, auto&& visit) { Members::visit_parameters(self.members_, visit); }

    const Members& members() const { return members_; }

   private:
    Members members_;
  };
};

}  // namespace tessera
