// SPDX-License-Identifier: MIT
#pragma once

// From a bound layer to its TrainingLayer. TrainingOf<L> is specialised for each specification L. A layer of a user's own is trained where
// it has a specialisation; without one it does not compile.

#include <map>
#include <memory>
#include <utility>

#include "tessera/engine/unnamed.hpp"
#include "tessera/layers/activation.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/attention.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/convolution.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/max_pool.hpp"
#include "tessera/layers/mean_pool.hpp"
#include "tessera/layers/patch_embed.hpp"
#include "tessera/train/layers/attention.hpp"
#include "tessera/train/layers/composition.hpp"
#include "tessera/train/layers/convolution.hpp"
#include "tessera/train/layers/dense.hpp"
#include "tessera/train/layers/elementwise.hpp"
#include "tessera/train/layers/normalisation.hpp"
#include "tessera/train/layers/pooling.hpp"

namespace tessera::detail {

// What layers ask for while they are made: the values and gradient of a parameter, and how likely they are to drop something.
struct TrainingPlan {
  std::map<const float*, Trained> trained;  // by where the values are: blocks may share them
  double drop_path = 0, dropout = 0;        // drop_path: of the last block of a Repeat; it grows from 0 at the first one
  double drop_path_here = 0;                // of the block that is being made
  int block = 0, blocks = 1;
  std::uint32_t random_choices = 0;

  Trained operator()(const Parameter& p) const { return trained.at(p.data()); }
  void begin_block() { drop_path_here = blocks > 1 ? drop_path * block++ / (blocks - 1) : drop_path; }
};

// make<I>(bound, plan) gives the TrainingLayer.
template <class L>
struct TrainingOf;

template <class L, Isa I, class Bound>
std::unique_ptr<TrainingLayer> make_training(const Bound& bound, TrainingPlan& plan) {
  return TrainingOf<L>::template make<I>(static_cast<const typename L::template At<Bound::input>&>(bound), plan);
}

// Layers that are written as a composition of others.
template <class L>
struct TrainingOf {
  template <Isa I, class Bound>
    requires requires { typename Bound::Composition; }
  static std::unique_ptr<TrainingLayer> make(const Bound& bound, TrainingPlan& plan) {
    return make_training<typename Bound::Composition, I>(bound, plan);
  }
};
template <Name Label, class L>
struct TrainingOf<Named<Label, L>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& bound, TrainingPlan& plan) {
    return make_training<L, I>(bound, plan);
  }
};
template <int Axes, class L>
struct TrainingOf<LeadingAxes<Axes, L>> : TrainingOf<Named<"", L>> {};
template <class L>
struct TrainingOf<Shared<L>> : TrainingOf<Named<"", L>> {};

template <int Out>
struct TrainingOf<Linear<Out>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingDense<I>>(b.input, b.output, plan(b.weight()), plan(b.bias()));
  }
};
template <int Channels, int Kernel, int Stride, int Padding, Bias WithBias>
struct TrainingOf<Convolution<Channels, Kernel, Stride, Padding, WithBias>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    const Trained bias = WithBias == Bias::none ? Trained{} : plan(b.bias());
    if constexpr (Kernel == 1 && Stride == 1 && Padding == 0)
      return std::make_unique<TrainingDense<I>>(b.input, b.output, plan(b.weight()), bias);
    else
      return std::make_unique<TrainingConvolution<I>>(b.input, b.output, Kernel, Stride, Padding, plan(b.weight()), bias);
  }
};
template <int Patch, int Channels>
struct TrainingOf<PatchEmbed<Patch, Channels>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingConvolution<I>>(b.input, b.output, Patch, Patch, 0, plan(b.weight()), plan(b.bias()));
  }
};
template <int Kernel, Bias WithBias>
struct TrainingOf<DepthwiseConvolution<Kernel, WithBias>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingDepthwise<I>>(b.input, Kernel, plan(b.weight()), WithBias == Bias::none ? Trained{} : plan(b.bias()));
  }
};
template <int Heads, Bias QkvBias>
struct TrainingOf<Attention<Heads, QkvBias>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingAttention<I>>(b.input, Heads, plan(b.qkv_weight()),
                                                  QkvBias == Bias::none ? Trained{} : plan(b.qkv_bias()), plan(b.proj_weight()),
                                                  plan(b.proj_bias()));
  }
};

template <class Kernel, class Slope>
struct TrainingOfActivation {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan&) {
    return std::make_unique<TrainingActivation<I, Kernel, Slope>>(b.input);
  }
};
template <>
struct TrainingOf<Gelu> : TrainingOfActivation<GeluKernel, GeluSlope> {};
template <>
struct TrainingOf<GeluTanh> : TrainingOfActivation<GeluTanhKernel, GeluTanhSlope> {};
template <>
struct TrainingOf<Relu> : TrainingOfActivation<ReluKernel, ReluSlope> {};
template <>
struct TrainingOf<Silu> : TrainingOfActivation<SiluKernel, SiluSlope> {};

template <>
struct TrainingOf<Affine> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingScale<I>>(b.input, plan(b.alpha()), plan(b.beta()));
  }
};
template <>
struct TrainingOf<LayerScale> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingScale<I>>(b.input, plan(b.gamma()), Trained{});
  }
};
template <Real Epsilon>
struct TrainingOf<LayerNorm<Epsilon>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingNorm<I>>(b.input, 1, b.input.channels, b.epsilon, plan(b.weight()), plan(b.bias()));
  }
};
template <int Groups, Real Epsilon>
struct TrainingOf<GroupNorm<Groups, Epsilon>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingNorm<I>>(b.input, static_cast<std::ptrdiff_t>(b.input.positions()), b.input.channels / Groups,
                                             b.epsilon, plan(b.weight()), plan(b.bias()));
  }
};
template <>
struct TrainingOf<BatchNorm> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingBatchNorm<I>>(b.input, BatchNorm::epsilon, plan(b.weight()), plan(b.bias()), plan(b.mean()),
                                                  plan(b.variance()));
  }
};
template <>
struct TrainingOf<MeanPool> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan&) {
    return std::make_unique<TrainingMeanPool>(b.input, b.output);
  }
};
template <int Kernel, int Stride, int Padding>
struct TrainingOf<MaxPool<Kernel, Stride, Padding>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan&) {
    return std::make_unique<TrainingMaxPool>(b.input, b.output, Kernel, Stride, Padding);
  }
};
template <>
struct TrainingOf<Dropout> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingDropout>(b.input, plan.dropout, plan.random_choices++);
  }
};

// The members of a chain (layers/sequential.hpp), of the specifications Layers.
template <Isa I, class... Layers>
struct TrainingChain {
  static void add(const auto&, TrainingPlan&, TrainingLayers&) {}
};
template <Isa I, class First, class... Rest>
struct TrainingChain<I, First, Rest...> {
  static void add(const auto& chain, TrainingPlan& plan, TrainingLayers& to) {
    to.push_back(make_training<First, I>(chain.head, plan));
    TrainingChain<I, Rest...>::add(chain.tail, plan, to);
  }
};
template <class... Layers>
struct TrainingOf<Sequential<Layers...>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    TrainingLayers layers;
    TrainingChain<I, Layers...>::add(b.members(), plan, layers);
    return std::make_unique<TrainingSequence>(b.input, b.output, std::move(layers));
  }
};
template <class... Layers>
struct TrainingOf<Residual<Layers...>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    const double rate = plan.drop_path_here;
    const std::uint32_t number = plan.random_choices++;
    return std::make_unique<TrainingResidual>(make_training<Sequential<Layers...>, I>(b.branch(), plan), rate, number);
  }
};
template <class... Layers>
struct TrainingOf<Parallel<Layers...>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    TrainingLayers branches;
    TrainingChain<I, Layers...>::add(b.members(), plan, branches);
    return std::make_unique<TrainingParallel>(std::move(branches));
  }
};
template <int Count, class L, int First>
struct TrainingOf<Repeat<Count, L, First>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    TrainingLayers members;
    for (int i = 0; i < Count; ++i) {
      plan.begin_block();
      members.push_back(make_training<L, I>(b.member(i), plan));
    }
    plan.drop_path_here = 0;
    return std::make_unique<TrainingSequence>(b.input, b.output, std::move(members));
  }
};
template <class L>
struct TrainingOf<AcrossTokens<L>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingAcrossTokens<I>>(b.input, make_training<L, I>(b.member(), plan));
  }
};
template <class... Layers>
struct TrainingOf<Gated<Layers...>> {
  template <Isa I>
  static std::unique_ptr<TrainingLayer> make(const auto& b, TrainingPlan& plan) {
    return std::make_unique<TrainingGated>(b.input, make_training<Sequential<Layers...>, I>(b.gate(), plan));
  }
};

// Members of Repeats in a network, each of which is a block.
template <class L>
inline constexpr int blocks_in = 0;
template <class... Layers>
inline constexpr int blocks_in<Sequential<Layers...>> = (0 + ... + blocks_in<Layers>);
template <int Count, class L, int First>
inline constexpr int blocks_in<Repeat<Count, L, First>> = Count;

}  // namespace tessera::detail
