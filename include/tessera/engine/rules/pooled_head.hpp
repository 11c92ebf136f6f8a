// SPDX-License-Identifier: MIT
#pragma once

// The end of a classifier, norm → MeanPool → Linear. The mean is linear, so the norm's scale and shift move behind it and into the head:
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

// What a norm in front of the pooling does, tokens seen as rows of x. mean and out have room for whole packets.
template <Engine E, class Plain>
struct PooledNorm {
  static constexpr bool known = false;
};

template <Engine E>
struct PooledNorm<E, Affine> {
  static constexpr bool known = true;
  static const Parameter& weight(const auto& norm) { return norm.alpha(); }
  static const Parameter& bias(const auto& norm) { return norm.beta(); }
  static void mean(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* out) {
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Eigen::Map<Eigen::RowVectorXf>(out, channels) = Eigen::Map<const Matrix>(x, rows, channels).colwise().mean();
  }
  static void apply(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, const float* weight, const float* bias, float* out) {
    using P = Packet<E>;
    using namespace Eigen::internal;
    for (std::ptrdiff_t row = 0; row < rows; ++row)
      transform_row<E>(x + row * channels, channels, out + row * channels,
                       [&](std::ptrdiff_t c, const P& p) { return pmadd(p, ploadu<P>(weight + c), ploadu<P>(bias + c)); });
  }
};

template <Engine E, Real Epsilon>
struct PooledNorm<E, LayerNorm<Epsilon>> {
  static constexpr bool known = true;
  static constexpr float epsilon = static_cast<float>(Epsilon.value());
  static const Parameter& weight(const auto& norm) { return norm.weight(); }
  static const Parameter& bias(const auto& norm) { return norm.bias(); }
  static void mean(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* out) {
    mean_of_normalised<E>(x, rows, channels, epsilon, out);
  }
  static void apply(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, const float* weight, const float* bias, float* out) {
    normalise_rows<E>(x, channels, rows, channels, {epsilon, weight, bias}, out, channels);
  }
};

template <Engine E, Shape In, class Norm, class Pool, class Head>
  requires(PooledNorm<E, Plain<Norm>>::known && std::same_as<Plain<Pool>, MeanPool> && is_linear<Plain<Head>>)
class Program<E, In, Norm, Pool, Head> {
  using Members = Chain<In, Norm, Pool, Head>;
  using NormRule = PooledNorm<E, Plain<Norm>>;
  static constexpr std::ptrdiff_t channels = In.channels;
  static constexpr Shape pooled{1, 1, In.channels};

 public:
  explicit Program(const Members& members)
      : norm_weight_(padded_copy<E>(NormRule::weight(members.head))), norm_bias_(padded_copy<E>(NormRule::bias(members.head))) {
    const auto& head = members.tail.tail.head;
    const float* const weight = head.weight().data();
    const std::ptrdiff_t classes = head.weight().extent(0);
    weights_ =
        Panels<E>(classes, channels, [&](std::ptrdiff_t k, std::ptrdiff_t c) { return weight[k * channels + c] * norm_weight_.data()[c]; });
    bias_ = padded_vector<E>(classes, [&](std::ptrdiff_t k) {
      return static_cast<float>(head.bias().data()[k] + dot(weight + k * channels, norm_bias_.data(), channels));
    });
  }

  static constexpr std::size_t scratch_floats(Shape in) { return 2 * Scratch::rounded(pooled) + Scratch::rounded(in); }
  static constexpr std::size_t flow_floats(Shape in) { return std::max(Scratch::rounded(in), Scratch::rounded(Members::output_shape(in))); }

  void run(Flow& flow, Scratch& scratch) const {
    Scratch::Frame frame(scratch);
    const std::ptrdiff_t tokens = flow.shape().positions();
    float* const mean = frame.take(static_cast<std::size_t>(channels));
    NormRule::mean(flow.x(), tokens, channels, mean);
    if (flow.observed()) {
      const auto normed = frame.take<In>(flow.shape());
      NormRule::apply(flow.x(), tokens, channels, norm_weight_.data(), norm_bias_.data(), normed.data());
      flow.show(label_of<Norm>, flow.shape(), normed.data());
      flow.show("tokens", flow.shape(), normed.data());
      const auto features = frame.take<pooled>(pooled);
      PooledNorm<E, Affine>::apply(mean, 1, channels, norm_weight_.data(), norm_bias_.data(), features.data());
      flow.show("features", pooled, features.data());
    }
    const Shape out{1, 1, static_cast<int>(weights_.columns())};
    multiply_panels<E>(mean, channels, {0, 1}, weights_, StoreBias<E, NoActivation>{flow.next(), out.channels, bias_.data()}, scratch);
    flow.advance(out);
  }

 private:
  Buffer norm_weight_, norm_bias_, bias_;
  Panels<E> weights_;
};

}  // namespace tessera::detail
