// SPDX-License-Identifier: MIT
#pragma once

// Feed-forward over channels, with what surrounds it folded into its weights (exact in real arithmetic):
//
//     FeedForward                                  y  = W2 act(W1 x + b1) + b2
//     Residual<FeedForward>                        x += the same
//     Residual<Affine, FeedForward, LayerScale>    W1' = W1·diag(alpha), b1' = b1 + W1·beta, W2' = diag(gamma)·W2, b2' = gamma·b2
//     Residual<LayerNorm, FeedForward>             the norm's scale and shift as alpha and beta; rows are normalised block by block
//     Residual<LayerNorm, FeedForward, LayerScale>
//
// and the same with GatedFeedForward after a LayerNorm.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/feed_forward.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/gated_feed_forward.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/residual.hpp"

namespace tessera::detail {

// Stores or adds, at the end of the block. Hidden: columns of the second matrix.
template <Engine E, Shape In, int Hidden, class Activation, bool Normalised = false, bool Gated = false>
class FeedForwardStep {
 public:
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Kernel::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

 protected:
  using Kernel = FeedForwardKernel<E, In, Hidden, Activation, Normalised, Gated>;
  explicit FeedForwardStep(Kernel kernel) : kernel_(std::move(kernel)) {}

 public:
  void store(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    kernel_.run(flow.x(), static_cast<std::ptrdiff_t>(shape.positions()),
                {.y = flow.next(), .stride = shape.channels, .bias_of = BiasOf::channel, .bias = kernel_.bias2()}, scratch);
    flow.advance(shape);
  }
  // y += the result. x may be y.
  void add(const float* x, Shape shape, float* y, Scratch& scratch) const {
    kernel_.run(x, static_cast<std::ptrdiff_t>(shape.positions()),
                {.y = y, .stride = shape.channels, .bias_of = BiasOf::channel, .bias = kernel_.bias2(), .combine = Combine::add}, scratch);
  }

 private:
  Kernel kernel_;
};

template <Engine E, int Hidden, class Activation, class Original, class Bound>
class Lowered<E, FeedForward<Hidden, Activation>, Original, Bound> : public FeedForwardStep<E, Bound::input, Hidden, Activation> {
 public:
  explicit Lowered(const Bound& layer) : Lowered::FeedForwardStep({layer, Fold{}}) {}
  void run(Flow& flow, Scratch& scratch) const { this->store(flow, scratch); }
};

template <Engine E, int Hidden, class Activation, class Original, class Bound>
class Lowered<E, Residual<FeedForward<Hidden, Activation>>, Original, Bound> : public FeedForwardStep<E, Bound::input, Hidden, Activation> {
 public:
  explicit Lowered(const Bound& layer) : Lowered::FeedForwardStep({layer.branch().members().head, Fold{}}) {}
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }
};

template <Engine E, int Hidden, class Activation, class Original, class Bound>
class Lowered<E, Residual<Affine, FeedForward<Hidden, Activation>, LayerScale>, Original, Bound>
    : public FeedForwardStep<E, Bound::input, Hidden, Activation> {
 public:
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members()) {}
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }

 private:
  using Members = typename Bound::Branch::Members;
  explicit Lowered(const Members& members)
      : Lowered::FeedForwardStep(
            {members.tail.head, Fold{members.head.alpha().data(), members.head.beta().data(), members.tail.tail.head.gamma().data()}}) {}
};

// Behind a layer norm, with or without a LayerScale at the end.
template <Engine E, int Hidden, class Activation, bool Gated, class Original, class Bound>
class NormedFeedForwardStep : public FeedForwardStep<E, Bound::input, Hidden, Activation, true, Gated> {
 public:
  explicit NormedFeedForwardStep(const Bound& layer) : NormedFeedForwardStep(layer.branch().members()) {}
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }

 private:
  using Members = typename Bound::Branch::Members;
  static const float* gamma(const Chain<Bound::input>&) { return nullptr; }
  static const float* gamma(const auto& scale) { return scale.head.gamma().data(); }
  explicit NormedFeedForwardStep(const Members& members)
      : NormedFeedForwardStep::FeedForwardStep({members.tail.head,
                                                Fold{members.head.weight().data(), members.head.bias().data(), gamma(members.tail.tail)},
                                                Members::Head::epsilon}) {}
};

template <class... Layers>
inline constexpr bool is_optional_scale = sizeof...(Layers) == 0;
template <>
inline constexpr bool is_optional_scale<LayerScale> = true;

template <Engine E, Real Epsilon, int Hidden, class Activation, class... Scale, class Original, class Bound>
  requires(is_optional_scale<Scale...>)
class Lowered<E, Residual<LayerNorm<Epsilon>, FeedForward<Hidden, Activation>, Scale...>, Original, Bound>
    : public NormedFeedForwardStep<E, Hidden, Activation, false, Original, Bound> {
  using Lowered::NormedFeedForwardStep::NormedFeedForwardStep;
};

template <Engine E, Real Epsilon, int Hidden, class Activation, class... Scale, class Original, class Bound>
  requires(is_optional_scale<Scale...>)
class Lowered<E, Residual<LayerNorm<Epsilon>, GatedFeedForward<Hidden, Activation>, Scale...>, Original, Bound>
    : public NormedFeedForwardStep<E, Hidden / 2, Activation, true, Original, Bound> {
  using Lowered::NormedFeedForwardStep::NormedFeedForwardStep;
};

}  // namespace tessera::detail
