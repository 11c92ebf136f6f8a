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

#include "tessera/layers/bias.hpp"
#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

// Heads: the number of heads; it divides the number of channels. QkvBias: whether queries, keys and values have a bias.
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
      const auto size = static_cast<std::size_t>(in.size());
      return Scratch::rounded(3 * size) + Scratch::rounded(size) + Scratch::rounded(tokens * tokens);
    }

    void forward(View<input> x, MutableView<output> y, Scratch& scratch) const {
      const auto tokens = static_cast<std::size_t>(x.shape().positions());
      Scratch::Frame frame(scratch);
      const detail::AttentionMemory memory{frame.take(3 * x.size()), frame.take(x.size()), frame.take(tokens * tokens)};
      detail::reference_attention(x, Heads, qkv_weight_, QkvBias == Bias::none ? nullptr : &qkv_bias_, proj_weight_, proj_bias_, memory, y);
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
