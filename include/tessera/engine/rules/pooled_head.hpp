// SPDX-License-Identifier: MIT
#pragma once

// The end of a classifier, norm → MeanPool → Linear. The mean is linear, so the norm's scale and shift move after it and into the head:
//
//     logits = W·(w ⊙ mean(z) + b) + p = W'·mean(z) + p'        W' = W·diag(w)    p' = p + W·b
//
//     Affine       z = x                       w = alpha, b = beta
//     LayerNorm    z = (x - μ) / √(σ² + ε)     token by token; the mean is taken on the way
//
// The normalised tokens and the pooled features exist only when they are asked for.

#include "tessera/engine/packed/copies.hpp"
#include "tessera/engine/packed/folded_linear.hpp"
#include "tessera/engine/program.hpp"
#include "tessera/kernels/channelwise.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/mean_pool.hpp"

namespace tessera::detail {

template <class L>
inline constexpr bool is_linear = false;
template <int Out>
inline constexpr bool is_linear<Linear<Out>> = true;

// Norms that can stand before the pooling, and what they are made of. A negative epsilon: no statistics are taken.
struct PooledNorm {
  const Parameter& weight;
  const Parameter& bias;
  float epsilon;
};
template <class L>
inline constexpr bool is_pooled_norm = false;
template <>
inline constexpr bool is_pooled_norm<Affine> = true;
template <Real Epsilon>
inline constexpr bool is_pooled_norm<LayerNorm<Epsilon>> = true;

template <class Norm>
PooledNorm pooled_norm(const Norm& norm) {
  if constexpr (requires { Norm::epsilon; }) {
    return {norm.weight(), norm.bias(), Norm::epsilon};
  } else {
    return {norm.alpha(), norm.beta(), -1.0F};
  }
}

template <Engine E>
class PooledHead {
 public:
  PooledHead(const PooledNorm& norm, const Parameter& weight, const Parameter& bias)
      : norm_weight_(padded_copy<E>(norm.weight)),
        norm_bias_(padded_copy<E>(norm.bias)),
        epsilon_(norm.epsilon),
        head_(weight, bias, {norm_weight_.data(), norm_bias_.data(), nullptr}) {}

  static constexpr std::size_t scratch_floats(int channels) { return Scratch::rounded(Shape{1, 1, channels}); }

  // norm: the label of the norm.
  void run(Flow& flow, std::string_view norm, Scratch& scratch) const {
    const std::ptrdiff_t tokens = flow.shape().positions(), channels = flow.shape().channels;
    Scratch::Frame frame(scratch);
    float* const mean = frame.take(static_cast<std::size_t>(channels));
    if (epsilon_ < 0.0F) {
      mean_of_rows<E>(flow.x(), tokens, channels, mean, scratch);
    } else {
      mean_of_normalised<E>(flow.x(), tokens, channels, epsilon_, mean);
    }
    if (flow.watch() != nullptr) show(flow, norm, mean, scratch);
    const Shape out{1, 1, static_cast<int>(head_.outputs())};
    multiply_panels<E>(mean, channels, {0, 1}, head_.weights(),
                       {.y = flow.next(), .stride = out.channels, .bias_of = BiasOf::channel, .bias = head_.bias()}, scratch);
    flow.advance(out);
  }

 private:
  void show(Flow& flow, std::string_view norm, const float* mean, Scratch& scratch) const {
    const Shape shape = flow.shape(), pooled{1, 1, shape.channels};
    if (flow.wants(norm) || flow.wants("tokens")) {
      Buffer tokens(static_cast<std::size_t>(shape.size()));
      if (epsilon_ < 0.0F) {
        scale_channels<E>(flow.x(), shape.positions(), shape.channels, norm_weight_.data(), norm_bias_.data(), tokens.data(), scratch);
      } else {
        normalise_rows<E>(flow.x(), shape.channels, shape.positions(), shape.channels, {epsilon_, norm_weight_.data(), norm_bias_.data()},
                          tokens.data(), shape.channels);
      }
      flow.show(norm, shape, tokens.data());
      flow.show("tokens", shape, tokens.data());
    }
    Buffer features(static_cast<std::size_t>(shape.channels));
    scale_channels<E>(mean, 1, shape.channels, norm_weight_.data(), norm_bias_.data(), features.data(), scratch);
    flow.show("features", pooled, features.data());
  }

  Buffer norm_weight_, norm_bias_;
  float epsilon_;
  FoldedLinear<E> head_;
};

template <Engine E, Shape In, class Norm, class Pool, class Head>
  requires(is_pooled_norm<Unnamed<Norm>> && std::same_as<Unnamed<Pool>, MeanPool> && is_linear<Unnamed<Head>>)
class Program<E, In, Norm, Pool, Head> {
  using Members = Chain<In, Norm, Pool, Head>;

 public:
  explicit Program(const Members& members)
      : head_(pooled_norm(members.head), members.tail.tail.head.weight(), members.tail.tail.head.bias()) {}

  static constexpr std::size_t scratch_floats(Shape in) { return PooledHead<E>::scratch_floats(in.channels); }
  static constexpr std::size_t flow_floats(Shape in) { return std::max(Scratch::rounded(in), Scratch::rounded(Members::output_shape(in))); }
  void run(Flow& flow, Scratch& scratch) const { head_.run(flow, label_of<Norm>, scratch); }
  template <class Walk>
  static constexpr void walk(Walk& walk, Shape in) {
    if (!label_of<Norm>.empty()) walk.show(label_of<Norm>, in);
    walk.show("tokens", in);
    walk.show("features", {1, 1, in.channels});
    walk.template leaf<Program, Members, Members>(in, Members::output);
  }

 private:
  PooledHead<E> head_;
};

}  // namespace tessera::detail
