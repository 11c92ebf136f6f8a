// SPDX-License-Identifier: MIT
#pragma once

// Lowering: Lowered<E, Nameless, Original, Bound> is the step of the engine that runs a layer. Nameless is the layer's specification
// without names, on which rules match; Original has the names; Bound is the layer with its shape. A step
//
//     Step(const Bound&)                      packs and folds the weights; needs the bound layer no longer afterwards
//     run(Flow&, Scratch&) const              computes, allocates nothing
//     output_shape(Shape), scratch_floats(Shape), flow_floats(Shape)     sizes, constexpr
//     walk(walker, Shape)                     optional, constexpr: walks over the steps that it consists of (engine/walk.hpp)
//     branch_label                            optional: the name of what is added to x, which run shows to those who want it
//
// This header has the fallback: a layer that no rule knows runs its own reference forward.

#include <memory>

#include "tessera/engine/flow.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/engine/unnamed.hpp"
#include "tessera/engine/walk.hpp"
#include "tessera/layers/layer.hpp"

namespace tessera::detail {

template <Engine E, class Nameless, class Original, class Bound>
class Lowered {
 public:
  static constexpr bool runs_reference = true;

  explicit Lowered(const Bound& layer) : layer_(std::make_unique<Bound>(layer)) {
    std::size_t floats = 0;
    detail::visit_parameters(*layer_, [&floats](const Key&, const Parameter& p) { floats += static_cast<std::size_t>(p.size()); });
    numbers_ = Buffer(floats);
    float* to = numbers_.data();
    detail::visit_parameters(*layer_, [&to](const Key&, Parameter& p) {
      const float* const copy = to;
      to = std::copy_n(p.data(), p.size(), to);
      p.bind(copy);
    });
  }

  static constexpr Shape output_shape(Shape in) { return detail::output_shape<Bound>(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return detail::scratch_floats<Bound>(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    layer_->forward({flow.x(), flow.shape()}, {flow.next(), out}, scratch);
    flow.advance(out);
  }

 private:
  std::unique_ptr<Bound> layer_;
  Buffer numbers_;
};

// The step of a member of a Repeat, given the first member's: a step with a second constructor keeps no copy of weights that they share.
template <class Step, class Bound>
Step lower_sharing(const Bound& layer, const Step& first) {
  if constexpr (std::constructible_from<Step, const Bound&, const Step&>) {
    return Step(layer, first);
  } else {
    return Step(layer);
  }
}

template <Engine E, class L, class Bound>
using LoweredOf = Lowered<E, Unnamed<L>, L, Bound>;

// Floats that a step needs, without code where the image size is fixed.
template <class Step, Shape In>
std::size_t flow_floats_of(Shape in) {
  if constexpr (In.fixed()) {
    constexpr std::size_t floats = Step::flow_floats(In);
    return floats;
  } else {
    return Step::flow_floats(in);
  }
}

}  // namespace tessera::detail
