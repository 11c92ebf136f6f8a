// SPDX-License-Identifier: MIT
#pragma once

// Multi-head self-attention: every token becomes a weighted mean of all tokens' values, with weights from scalar products,
//
//     [q k v]  = x · Wᵀ + b                               W: 3C×C, rows ordered (q|k|v) × head × d
//     o[:,h]   = softmax(q[:,h] · k[:,h]ᵀ / √d) · v[:,h]  for every head h, softmax over the keys
//     y        = o · Pᵀ + p                               heads side by side
//
// x, y, o: N×C    d = C/Heads    b: 3C, or none    P: C×C    p: C
// Vaswani et al. 2017, arXiv:1706.03762, eq. 1; Dosovitskiy et al. 2021, ViT, arXiv:2010.11929, eq. 5-8.
// Keys: qkv.{weight,bias}, proj.{weight,bias}. No position enters. The row maximum is taken off before the exponential.

#include <cmath>

#include "tessera/layers/bias.hpp"
#include "tessera/layers/layer.hpp"

namespace tessera {

template <int Heads, Bias QkvBias = Bias::per_channel>
struct Attention {
  template <Shape In>
  class At {
    static_assert(In.channels % Heads == 0, "Attention: the number of heads must divide the number of channels");
    static constexpr int channels = In.channels, width = In.channels / Heads;

   public:
    static constexpr Shape input = In, output = In;
    static constexpr int heads = Heads;
    static constexpr Shape output_shape(Shape in) { return in; }
    static constexpr std::int64_t macs(Shape in) { return 4 * in.size() * in.channels + 2 * in.positions() * in.size(); }
    static constexpr std::size_t scratch_floats(Shape in) {
      const auto tokens = static_cast<std::size_t>(in.positions());
      return 4 * Scratch::rounded(in) + Scratch::rounded(tokens * tokens) + Scratch::rounded(tokens);
    }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      using Matrix = Eigen::TensorMap<Eigen::Tensor<float, 2, Eigen::RowMajor>>;
      using Sizes = Eigen::array<Eigen::Index, 2>;
      using Pairs = Eigen::array<Eigen::IndexPair<int>, 1>;
      const Eigen::Index tokens = x.shape().positions();
      const Sizes head{tokens, width}, column{tokens, 1}, all{1, tokens};
      const Eigen::array<int, 1> keys{1};
      const float scale = 1.0F / std::sqrt(static_cast<float>(width));
      Scratch::Frame frame(scratch);
      Matrix qkv(frame.take(static_cast<std::size_t>(3 * tokens * channels)), tokens, 3 * channels);
      Matrix mixed(frame.take(static_cast<std::size_t>(tokens * channels)), tokens, channels);
      Matrix weights(frame.take(static_cast<std::size_t>(tokens * tokens)), tokens, tokens);
      Matrix per_row(frame.take(static_cast<std::size_t>(tokens)), tokens, 1);
      const auto flat = x.tensor().reshape(Sizes{tokens, channels});

      qkv = flat.contract(detail::eigen<2>(qkv_weight_), Pairs{{{1, 1}}});
      if constexpr (QkvBias == Bias::per_channel) qkv += detail::eigen<1>(qkv_bias_).reshape(Sizes{1, 3 * channels}).broadcast(column);
      for (Eigen::Index h = 0; h < Heads; ++h) {
        const auto q = qkv.slice(Sizes{0, h * width}, head);
        const auto k = qkv.slice(Sizes{0, channels + h * width}, head);
        const auto v = qkv.slice(Sizes{0, 2 * channels + h * width}, head);
        weights = q.contract(k, Pairs{{{1, 1}}}) * scale;
        per_row = weights.maximum(keys).reshape(column);
        weights = (weights - per_row.broadcast(all)).exp();
        per_row = weights.sum(keys).reshape(column);
        weights = weights / per_row.broadcast(all);
        mixed.slice(Sizes{0, h * width}, head) = weights.contract(v, Pairs{{{1, 0}}});
      }
      y.tensor() = mixed.contract(detail::eigen<2>(proj_weight_), Pairs{{{1, 1}}}).reshape(y.tensor().dimensions()) +
                   detail::per_channel(proj_bias_, x.shape());
    }

    static constexpr void visit_parameters(auto& self, auto&& visit) {
      visit("qkv.weight", self.qkv_weight_);
      if constexpr (QkvBias == Bias::per_channel) visit("qkv.bias", self.qkv_bias_);
      visit("proj.weight", self.proj_weight_);
      visit("proj.bias", self.proj_bias_);
    }

    const Parameter& qkv_weight() const { return qkv_weight_; }
    const Parameter& qkv_bias() const { return qkv_bias_; }  // no data where there is none
    const Parameter& proj_weight() const { return proj_weight_; }
    const Parameter& proj_bias() const { return proj_bias_; }

   private:
    Parameter qkv_weight_{3 * channels, channels}, qkv_bias_{3 * channels};
    Parameter proj_weight_{channels, channels}, proj_bias_{channels};
  };
};

}  // namespace tessera
