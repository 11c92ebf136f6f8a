// SPDX-License-Identifier: MIT
#pragma once

// Shared<L> where no neighbour takes it in: the members of a Repeat have one step of L together.

#include <memory>

#include "tessera/engine/lowered.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera::detail {

template <Engine E, class Nameless, class Original, class Bound>
class Lowered<E, Shared<Nameless>, Original, Bound> {
  template <class L>
  struct MemberOf;
  template <Name Label, class L>
  struct MemberOf<Named<Label, L>> : MemberOf<L> {};
  template <int Axes, class L>
  struct MemberOf<LeadingAxes<Axes, L>> : MemberOf<L> {};
  template <class L>
  struct MemberOf<Shared<L>> {
    using type = L;
  };
  using Member = typename MemberOf<Original>::type;
  using BoundMember = typename Member::template At<Bound::input>;
  using Step = LoweredOf<E, Member, BoundMember>;

 public:
  explicit Lowered(const Bound& layer) : step_(std::make_shared<const Step>(static_cast<const BoundMember&>(layer))) {}
  Lowered(const Bound&, const Lowered& first) : step_(first.step_) {}

  static constexpr Shape output_shape(Shape in) { return detail::output_shape<Bound>(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return Step::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Step::flow_floats(in); }
  void run(Flow& flow, Scratch& scratch) const { step_->run(flow, scratch); }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    walk_inside<Step, Member, BoundMember>(walk, in, output_shape(in));
  }

 private:
  std::shared_ptr<const Step> step_;
};

}  // namespace tessera::detail
