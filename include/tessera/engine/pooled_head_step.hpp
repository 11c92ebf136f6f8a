// SPDX-License-Identifier: MIT
#pragma once

// The end of a classifier, Affine → MeanPool → Linear. The mean is linear, so the affine moves behind it and into the head:
//
//     logits = W·(alpha ⊙ mean(x) + beta) + b = W'·mean(x) + b'        W' = W·diag(alpha)    b' = b + W·beta
//
// The normalised tokens and the pooled features exist only when they are asked for.

#include "tessera/engine/program.hpp"
#include "tessera/kernels/epilogues.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/linear.hpp"
#include "tessera/layers/mean_pool.hpp"

namespace tessera::detail {

template <class L>
inline constexpr bool is_linear = false;
template <int Out>
inline constexpr bool is_linear<Linear<Out>> = true;

template <int Lanes, Shape In, class Norm, class Pool, class Head>
  requires(std::same_as<Plain<Norm>, Affine> && std::same_as<Plain<Pool>, MeanPool> && is_linear<Plain<Head>>)
class Program<Lanes, In, Norm, Pool, Head> {
  using Members = Chain<In, Norm, Pool, Head>;
  static constexpr std::ptrdiff_t channels = In.channels;
  static constexpr Shape pooled{1, 1, In.channels};

 public:
  explicit Program(const Members& members) {
    const float* const alpha = members.head.alpha().data();
    const float* const beta = members.head.beta().data();
    const auto& head = members.tail.tail.head;
    const float* const weight = head.weight().data();
    const std::ptrdiff_t classes = head.weight().extent(0);

    alpha_ = padded_vector<Lanes>(channels, [&](std::ptrdiff_t c) { return alpha[c]; });
    beta_ = padded_vector<Lanes>(channels, [&](std::ptrdiff_t c) { return beta[c]; });
    weights_ = Panels<Lanes>(classes, channels, [&](std::ptrdiff_t k, std::ptrdiff_t c) { return weight[k * channels + c] * alpha[c]; });
    bias_ = padded_vector<Lanes>(classes, [&](std::ptrdiff_t k) {
      double sum = head.bias().data()[k];
      for (std::ptrdiff_t c = 0; c < channels; ++c) sum += double{weight[k * channels + c]} * beta[c];
      return static_cast<float>(sum);
    });
  }

  static constexpr std::size_t scratch_floats(Shape in) { return Scratch::rounded(pooled) + Scratch::rounded(in); }
  static constexpr std::size_t flow_floats(Shape in) { return std::max(Scratch::rounded(in), Scratch::rounded(Members::output_shape(in))); }

  void run(Flow& flow, Scratch& scratch) const {
    using Row = Eigen::Map<const Eigen::Array<float, 1, Eigen::Dynamic>>;
    Scratch::Frame frame(scratch);
    const View<In> x(flow.x(), flow.shape());
    const auto mean = frame.take<pooled>(pooled);
    mean.matrix() = x.matrix().colwise().mean();
    if (flow.observed()) {
      const Row alpha(alpha_.data(), channels), beta(beta_.data(), channels);
      const auto normed = frame.take<In>(flow.shape());
      normed.matrix() = ((x.matrix().array().rowwise() * alpha).rowwise() + beta).matrix();
      flow.show(label_of<Norm>, flow.shape(), normed.data());
      flow.show("tokens", flow.shape(), normed.data());
      normed.matrix().row(0) = (mean.matrix().array() * alpha + beta).matrix();
      flow.show("features", pooled, normed.data());
    }
    const Shape out{1, 1, static_cast<int>(weights_.columns())};
    multiply_panels<Lanes>(mean.data(), channels, 1, weights_, StoreBias<Lanes, NoActivation>{flow.next(), out.channels, bias_.data()});
    flow.advance(out);
  }

 private:
  Buffer alpha_, beta_, bias_;
  Panels<Lanes> weights_;
};

}  // namespace tessera::detail
