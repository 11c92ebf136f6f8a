// SPDX-License-Identifier: MIT
#pragma once

// The first half of a mixing block, in place where there is no convolution beside the branch:
//
//     Residual<LayerNorm, F>                                                       x += F(LN(x))                            MLP-Mixer
//     Residual<LayerNorm, F, LayerScale>                                           x += gamma ⊙ F(LN(x))
//     Residual<Parallel<Sequential<LayerNorm, F>, DepthwiseConvolution>>           y  = x + DW(x), y += F(LN(x))
//     Residual<Parallel<Sequential<LayerNorm, F, LayerScale>, DepthwiseConvolution>>                                        SPACH
//     Residual<DepthwiseConvolution>                                               x += DW(x)                in place by one worker
//
// for every F that has a SpatialKernel, shared between blocks or not.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/attention.hpp"
#include "tessera/engine/packed/depthwise.hpp"
#include "tessera/engine/packed/token_mixing.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/shared.hpp"

namespace tessera::detail {

template <class L>
struct UnsharedOf {
  using type = L;
};
template <class L>
struct UnsharedOf<Shared<L>> {
  using type = L;
};
template <class L>
inline constexpr bool is_shared = false;
template <class L>
inline constexpr bool is_shared<Shared<L>> = true;

// Layers without names that make y += gain ⊙ F(LN(x)).
template <Engine E, class Norm, class F, class... Scale>
struct SpatialPattern {
  using Kernel = SpatialKernel<E, typename UnsharedOf<F>::type>;
  static constexpr bool sharing = is_shared<F>;
  static constexpr bool scaled = sizeof...(Scale) == 1;
};
template <Engine E, class... Nameless>
inline constexpr bool is_spatial = false;
template <Engine E, Real Epsilon, class F, class... Scale>
  requires(sizeof...(Scale) == 0 || (sizeof...(Scale) == 1 && (std::same_as<Scale, LayerScale> && ...)))
inline constexpr bool is_spatial<E, LayerNorm<Epsilon>, F, Scale...> = requires { sizeof(SpatialKernel<E, typename UnsharedOf<F>::type>); };

// Members: the bound layers, as a Chain.
template <Engine E, class Members, class... Nameless>
class SpatialBranch {
  using Pattern = SpatialPattern<E, Nameless...>;
  using Kernel = typename Pattern::Kernel::template For<Members::Head::input>;

 public:
  explicit SpatialBranch(const Members& members) : SpatialBranch(members, std::make_shared<const Kernel>(members.tail.head)) {}
  SpatialBranch(const Members& members, const SpatialBranch& first)
      : SpatialBranch(members, Pattern::sharing ? first.kernel_ : std::make_shared<const Kernel>(members.tail.head)) {}

  static constexpr std::size_t scratch_floats(Shape in) { return Kernel::scratch_floats(in); }

  // x may be y.
  void add(const float* x, Shape shape, float* y, Scratch& scratch) const {
    kernel_->add(x, shape, {Members::Head::epsilon, weight_.data(), bias_.data()}, gain_.data(), y, scratch);
  }

 private:
  SpatialBranch(const Members& members, std::shared_ptr<const Kernel> kernel)
      : weight_(padded_copy<E>(members.head.weight())), bias_(padded_copy<E>(members.head.bias())), kernel_(std::move(kernel)) {
    if constexpr (Pattern::scaled) {
      gain_ = padded_copy<E>(members.tail.tail.head.gamma());
    } else {
      gain_ = padded_vector<E>(members.head.weight().size(), [](std::ptrdiff_t) { return 1.0F; });
    }
  }

  Buffer weight_, bias_, gain_;
  std::shared_ptr<const Kernel> kernel_;
};

template <Engine E, class... Nameless, class Original, class Bound>
  requires(is_spatial<E, Nameless...>)
class Lowered<E, Residual<Nameless...>, Original, Bound> {
  using Branch = SpatialBranch<E, typename Bound::Branch::Members, Nameless...>;

 public:
  explicit Lowered(const Bound& layer) : branch_(layer.branch().members()) {}
  Lowered(const Bound& layer, const Lowered& first) : branch_(layer.branch().members(), first.branch_) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Branch::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(branch_), branch_label, flow, scratch); }

 private:
  Branch branch_;
};

// The names of the results of two branches side by side.
template <class Branches>
struct PairLabels {
  static constexpr std::string_view first{}, second{};
};
template <class First, class Second>
struct PairLabels<Sequential<Parallel<First, Second>>> {
  static constexpr std::string_view first = result_label<First>, second = result_label<Second>;
};

template <Engine E, class... Nameless, Bias WithBias, class Original, class Bound>
  requires(is_spatial<E, Nameless...>)
class Lowered<E, Residual<Parallel<Sequential<Nameless...>, DepthwiseConvolution<3, WithBias>>>, Original, Bound> {
  static const auto& branches(const Bound& layer) { return layer.branch().members().head.members(); }
  using Branches = std::remove_cvref_t<decltype(branches(std::declval<const Bound&>()))>;
  using Branch = SpatialBranch<E, typename Branches::Head::Members, Nameless...>;
  using Labels = PairLabels<SequentialOf<Original>>;

 public:
  explicit Lowered(const Bound& layer) : branch_(branches(layer).head.members()), convolution_(branches(layer).tail.head) {}
  Lowered(const Bound& layer, const Lowered& first)
      : branch_(branches(layer).head.members(), first.branch_), convolution_(branches(layer).tail.head) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Branch::scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    show_addition(addition_of(branch_), Labels::first, flow, scratch);
    convolution_.template run<Skip::add_input>(flow.x(), flow.shape(), flow.next(), scratch);
    if (flow.wants(Labels::second)) show_difference(Labels::second, flow);
    branch_.add(flow.x(), flow.shape(), flow.next(), scratch);
    flow.advance(flow.shape());
  }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    for (const std::string_view label : {Labels::first, Labels::second})
      if (!label.empty()) walk.show(label, in);
    walk.template leaf<Lowered, Original, Bound>(in, in);
  }

 private:
  Branch branch_;
  DepthwiseKernel<E> convolution_;
};

template <Engine E, Bias WithBias, class Original, class Bound>
class Lowered<E, Residual<DepthwiseConvolution<3, WithBias>>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer) : convolution_(layer.branch().members().head) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return DepthwiseKernel<E>::add_scratch_floats(in); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const {
    if (flow.wants(branch_label)) {
      convolution_.template run<Skip::add_input>(flow.x(), flow.shape(), flow.next(), scratch);
      show_difference(branch_label, flow);
    }
    convolution_.add(flow, scratch);
  }

 private:
  DepthwiseKernel<E> convolution_;
};

}  // namespace tessera::detail
