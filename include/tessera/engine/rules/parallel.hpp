// SPDX-License-Identifier: MIT
#pragma once

// y = A(x) + B(x) + ... for branches that no rule fuses: each runs in a flow of its own.

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/channelwise.hpp"
#include "tessera/layers/parallel.hpp"

namespace tessera::detail {

template <Engine E, Shape In, class... Layers>
class ParallelSteps;

template <Engine E, Shape In, class First, class... Rest>
class ParallelSteps<E, In, First, Rest...> {
  using Members = Branches<In, First, Rest...>;
  using Step = LoweredOf<E, First, typename Members::Head>;
  using Next = ParallelSteps<E, In, Rest...>;

 public:
  explicit ParallelSteps(const Members& members) : step_(members.head), next_(members.tail) {}
  ParallelSteps(const Members& members, const ParallelSteps& first)
      : step_(lower_sharing(members.head, first.step_)), next_(lower_sharing(members.tail, first.next_)) {}

  static constexpr std::size_t scratch_floats(Shape in) {
    return std::max(2 * Step::flow_floats(in) + Step::scratch_floats(in), Next::scratch_floats(in));
  }
  void add(const Flow& flow, float* y, Scratch& scratch) const {
    {
      Scratch::Frame frame(scratch);
      const std::size_t floats = flow_floats_of<Step, In>(flow.shape());
      Flow branch(flow.x(), flow.shape(), frame.take(floats), frame.take(floats), flow.watch());
      const std::size_t outer = branch.enter(label_of<First>);
      step_.run(branch, scratch);
      branch.leave(outer, !label_of<First>.empty());
      add_into<E>(branch.x(), branch.shape().size(), y, scratch);
    }
    next_.add(flow, y, scratch);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    walk_step<Step, First, First, typename Members::Head>(walk, in);
    Next::walk(walk, in);
  }

 private:
  Step step_;
  [[no_unique_address]] Next next_;
};

template <Engine E, Shape In>
class ParallelSteps<E, In> {
 public:
  explicit ParallelSteps(const Branches<In>&) {}
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  void add(const Flow&, float*, Scratch&) const {}
  template <class Walk>
  static constexpr void walk(Walk&, Shape) {}
};

template <Engine E, class... Nameless, class Original, class Bound>
class Lowered<E, Parallel<Nameless...>, Original, Bound> {
  template <class Members>
  struct StepsOf;
  template <Shape In, class... Layers>
  struct StepsOf<Branches<In, Layers...>> {
    using type = ParallelSteps<E, In, Layers...>;
  };
  using Steps = typename StepsOf<typename Bound::Members>::type;

 public:
  explicit Lowered(const Bound& layer) : steps_(layer.members()) {}
  Lowered(const Bound& layer, const Lowered& first) : steps_(layer.members(), first.steps_) {}
  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return Steps::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }
  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    std::fill_n(flow.next(), out.size(), 0.0F);
    steps_.add(flow, flow.next(), scratch);
    flow.advance(out);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    Steps::walk(walk, in);
  }

 private:
  Steps steps_;
};

}  // namespace tessera::detail
