// SPDX-License-Identifier: MIT
#pragma once

// How compositions run: Sequential as a program of steps, Repeat as an array of programs, Residual around any branch.
// Rules for particular patterns (engine/rules/*.hpp) take precedence over these.

#include <memory>

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/channelwise.hpp"
#include "tessera/layers/identity.hpp"

namespace tessera::detail {

// The steps of the layers that follow each other in a Chain. A rule for several neighbours at once specialises this.
template <Engine E, Shape In, class... Layers>
class Program {
 public:
  explicit Program(const Chain<In>&) {}
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow&, Scratch&) const {}
  template <class Walk>
  static constexpr void walk(Walk&, Shape) {}
};

template <Engine E, Shape In, class First, class... Rest>
class Program<E, In, First, Rest...> {
  using Members = Chain<In, First, Rest...>;
  using Step = LoweredOf<E, First, typename Members::Head>;
  using Next = Program<E, Members::Head::output, Rest...>;

 public:
  explicit Program(const Members& members) : step_(members.head), next_(members.tail) {}
  Program(const Members& members, const Program& first)
      : step_(lower_sharing(members.head, first.step_)), next_(lower_sharing(members.tail, first.next_)) {}

  static constexpr std::size_t scratch_floats(Shape in) {
    return std::max(Step::scratch_floats(in), Next::scratch_floats(Step::output_shape(in)));
  }
  static constexpr std::size_t flow_floats(Shape in) {
    return std::max({Scratch::rounded(in), Step::flow_floats(in), Next::flow_floats(Step::output_shape(in))});
  }
  void run(Flow& flow, Scratch& scratch) const {
    const std::size_t outer = flow.enter(label_of<First>);
    step_.run(flow, scratch);
    flow.leave(outer, !label_of<First>.empty());
    next_.run(flow, scratch);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    walk_step<Step, First, First, typename Members::Head>(walk, in);
    Next::walk(walk, in.fixed() ? Step::output_shape(in) : Shape{Members::Head::output});
  }

 private:
  Step step_;
  [[no_unique_address]] Next next_;
};

template <Engine E, class... Nameless, class Original, class Bound>
class Lowered<E, Sequential<Nameless...>, Original, Bound> {
  template <class Members>
  struct ProgramOf;
  template <Shape In, class... Layers>
  struct ProgramOf<Chain<In, Layers...>> {
    using type = Program<E, In, Layers...>;
  };
  using Steps = typename ProgramOf<typename Bound::Members>::type;

 public:
  explicit Lowered(const Bound& layer) : steps_(layer.members()) {}
  Lowered(const Bound& layer, const Lowered& first) : steps_(lower_sharing(layer.members(), first.steps_)) {}
  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return Steps::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Steps::flow_floats(in); }
  void run(Flow& flow, Scratch& scratch) const { steps_.run(flow, scratch); }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    Steps::walk(walk, in);
  }

 private:
  Steps steps_;
};

// The steps of a Repeat: made where they stay, in memory that is allocated once.
template <class Step>
class StepArray {
 public:
  explicit StepArray(std::size_t capacity) : steps_(std::allocator<Step>().allocate(capacity)), capacity_(capacity) {}
  StepArray(const StepArray&) = delete;
  StepArray& operator=(const StepArray&) = delete;
  ~StepArray() {
    std::destroy_n(steps_, count_);
    std::allocator<Step>().deallocate(steps_, capacity_);
  }

  template <class Bound>
  void add(const Bound& layer) {
    ::new (static_cast<void*>(steps_ + count_)) Step(layer);
    ++count_;
  }
  // A step that may use what the first one keeps.
  template <class Bound>
  void add_sharing(const Bound& layer) {
    ::new (static_cast<void*>(steps_ + count_)) Step(lower_sharing(layer, *steps_));
    ++count_;
  }

  const Step* begin() const { return steps_; }
  const Step* end() const { return steps_ + count_; }

 private:
  Step* steps_;
  std::size_t capacity_, count_ = 0;
};

template <Engine E, int Count, class NamelessMember, int First, class Original, class Bound>
class Lowered<E, Repeat<Count, NamelessMember, First>, Original, Bound> {
  template <class R>
  struct MemberOf;
  template <class L>
  struct MemberOf<Repeat<Count, L, First>> {
    using type = L;
  };
  using Member = typename MemberOf<typename WithoutOwnName<Original>::type>::type;
  static constexpr Engine member_engine = in_stack(E, Count);
  using Step = LoweredOf<member_engine, Member, typename Bound::Member>;

 public:
  explicit Lowered(const Bound& layer) : steps_(Count) {
    for (int index = 0; index < Count; ++index) {
      const typename Bound::Member member = layer.member(index);
      if (shares<typename Bound::Member> && index > 0) {
        steps_.add_sharing(member);
      } else {
        steps_.add(member);
      }
      // What has been packed need not stay in memory while the next one is.
      visit_parameters(member, [](const Key&, const Parameter& p) { p.release(); });
    }
  }
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Step::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Step::flow_floats(in); }
  void run(Flow& flow, Scratch& scratch) const {
    int index = First;
    for (const Step& step : steps_) {
      const std::size_t outer = flow.enter(index++);
      step.run(flow, scratch);
      flow.leave(outer);
    }
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    const int members = walk.members(Count);
    for (int index = First; index < First + members; ++index) {
      walk.enter_member(index, Count);
      walk_inside<Step, Member, typename Bound::Member>(walk, in, in);
      walk.leave(true, in);
    }
  }

 private:
  StepArray<Step> steps_;
};

// y = x + branch(x) for a branch that no rule fuses: the branch runs in a flow of its own.
template <Engine E, class... Nameless, class Original, class Bound>
class Lowered<E, Residual<Nameless...>, Original, Bound> {
  using Branch = LoweredOf<E, SequentialOf<Original>, typename Bound::Branch>;

 public:
  explicit Lowered(const Bound& layer) : branch_(layer.branch()) {}
  Lowered(const Bound& layer, const Lowered& first) : branch_(layer.branch(), first.branch_) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return 2 * Branch::flow_floats(in) + Branch::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    Scratch::Frame frame(scratch);
    const std::size_t floats = flow_floats_of<Branch, Bound::input>(flow.shape());
    Flow branch(flow.x(), flow.shape(), frame.take(floats), frame.take(floats), flow.watch());
    branch_.run(branch, scratch);
    add_into<E>(branch.x(), flow.shape().size(), flow.in_place(), scratch);
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    Branch::walk(walk, in);
  }

 private:
  Branch branch_;
};

// Layers that act in training only leave nothing.
template <Engine E, class L, class Original, class Bound>
  requires std::derived_from<L, Identity>
class Lowered<E, L, Original, Bound> {
 public:
  explicit Lowered(const Bound&) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow&, Scratch&) const {}
};

}  // namespace tessera::detail
