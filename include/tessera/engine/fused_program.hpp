// SPDX-License-Identifier: MIT
#pragma once

// A program that begins with one step for several neighbouring layers. Fused is the chain of those layers, Last the last of them, whose
// name the result has; Rest are the layers after them. Rules for neighbours derive their specialisation of Program from this.

#include "tessera/engine/program.hpp"

namespace tessera::detail {

template <Engine E, class Fused, class Last, class Step, class... Rest>
class FusedProgram {
  using Next = Program<E, Fused::output, Rest...>;

 public:
  FusedProgram(Step step, const Chain<Fused::output, Rest...>& rest) : step_(std::move(step)), next_(rest) {}

  static constexpr std::size_t scratch_floats(Shape in) {
    return std::max(Step::scratch_floats(in), Next::scratch_floats(Fused::output_shape(in)));
  }
  static constexpr std::size_t flow_floats(Shape in) {
    return std::max({Scratch::rounded(in), Step::flow_floats(in), Next::flow_floats(Fused::output_shape(in))});
  }
  void run(Flow& flow, Scratch& scratch) const {
    const std::size_t outer = flow.enter(label_of<Last>);
    step_.run(flow, scratch);
    flow.leave(outer, !label_of<Last>.empty());
    next_.run(flow, scratch);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    walk_step<Step, Last, Fused, Fused>(walk, in);
    Next::walk(walk, in.fixed() ? Fused::output_shape(in) : Shape{Fused::output});
  }

 private:
  Step step_;
  [[no_unique_address]] Next next_;
};

}  // namespace tessera::detail
