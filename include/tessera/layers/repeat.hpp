// SPDX-License-Identifier: MIT
#pragma once

// Repeat<N, L>: the same layer N times, each with weights of its own, keys numbered from First. An array, so that compile time
// does not grow with the depth of a network. What is Shared in L (layers/shared.hpp) has the first member's weights in all of them.

#include <array>

#include "tessera/layers/reference.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera {

// Count: how many times. L: a layer that keeps its shape. First: the first member's number in the keys.
template <int Count, class L, int First = 0>
struct Repeat {
  static_assert(Count > 0, "Repeat: the count must be positive");

  template <Shape In>
  class At {
   public:
    static_assert(Layer<L, In>, "Repeat: the member must be a layer for the shape that reaches it");
    using Member = typename L::template At<In>;
    static_assert(Member::output.height == In.height, "Repeat: the layer must give the height that it takes");
    static_assert(Member::output.width == In.width, "Repeat: the layer must give the width that it takes");
    static_assert(Member::output.channels == In.channels, "Repeat: the layer must give as many channels as it takes");
    static constexpr Shape input = In, output = In;

    static constexpr Shape output_shape(Shape in) { return in; }
    static constexpr std::int64_t macs(Shape in) { return Count * detail::macs<Member>(in); }
    static constexpr std::size_t scratch_floats(Shape in) { return 2 * Scratch::rounded(in) + detail::scratch_floats<Member>(in); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      Scratch::Frame frame(scratch);
      auto from = frame.take<input>(x.shape());
      auto to = frame.take<output>(x.shape());
      detail::reference_copy(x, from);
      for (int index = 0; index < Count; ++index) {
        member(index).forward(from, to, scratch);
        std::swap(from, to);
      }
      detail::reference_copy(from, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      int index = First;
      for (auto& member : self.members_) {
        detail::visit_sharing(member, self.members_.front(),
                              [&visit, index](const Key& key, auto& parameter) { visit(Key(index, key), parameter); });
        ++index;
      }
    }

    // A member, complete with what it shares with the first one: a few extents and pointers, no values.
    Member member(int index) const { return detail::sharing(members_[static_cast<std::size_t>(index)], members_.front()); }

   private:
    std::array<Member, static_cast<std::size_t>(Count)> members_;
  };
};

}  // namespace tessera
