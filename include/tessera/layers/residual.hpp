// SPDX-License-Identifier: MIT
#pragma once

// Residual<A, B, ...>: a skip connection around layers in sequence,
//
//     y = x + ...B(A(x))
//
// He et al. 2016, arXiv:1512.03385, eq. 1. The sum takes x itself: a norm or affine inside the branch does not touch it.

#include "tessera/layers/reference.hpp"
#include "tessera/layers/sequential.hpp"

namespace tessera {

template <class... Layers>
struct Residual {
  template <Shape In>
  class At {
   public:
    using Branch = typename Sequential<Layers...>::template At<In>;
    static_assert(Branch::output.height == In.height, "Residual: the branch must give the height that it takes");
    static_assert(Branch::output.width == In.width, "Residual: the branch must give the width that it takes");
    static_assert(Branch::output.channels == In.channels, "Residual: the branch must give as many channels as it takes");
    static constexpr Shape input = In, output = In;

    static constexpr Shape output_shape(Shape in) { return in; }
    static constexpr std::int64_t macs(Shape in) { return Branch::macs(in); }
    static constexpr std::size_t scratch_floats(Shape in) { return Branch::scratch_floats(in); }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      branch_.forward(x, y, scratch);
      detail::reference_add(x, y);
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) { detail::visit_parameters(self.branch_, visit); }

    const Branch& branch() const { return branch_; }

   private:
    Branch branch_;
  };
};

}  // namespace tessera
