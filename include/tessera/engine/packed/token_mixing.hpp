// SPDX-License-Identifier: MIT
#pragma once

// Token mixing by an MLP behind a layer norm, y += gain ⊙ MLP(LN(x)) over columns, nothing transposed: for one panel of channels,
//
//     P = LN(x)[:, panel]        H = act(W1·P + b1)        y[:, panel] += gain ⊙ (W2·H + b2)
//
// and gated, with W1u and W1v the two halves of W1, H = (W1u·P + b1u) ⊙ act(W1v·P + b1v).
// The checkpoint's row-major matrices are the left operands; the panel and the hidden activation are right operands as they lie.
// The norm is not folded: its scale acts per channel, the weights per token, and so blocks with norms of their own can share a kernel.

#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/token_epilogues.hpp"
#include "tessera/kernels/token_strassen.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/gated_feed_forward.hpp"

namespace tessera::detail {

// y += gain ⊙ F(LN(x)) for a layer F over tokens: SpatialKernel<E, F>, if there is one, is made from F bound to its shape, and has
//
//     static constexpr std::size_t scratch_floats(Shape);
//     void add(const float* x, Shape, const NormWeights&, const float* gain, float* y, Scratch&) const;        x may be y
template <Engine E, class Plain>
class SpatialKernel;

template <Engine E, int Hidden, class Activation, bool Gated>
class TokenMixingKernel {
  static constexpr std::size_t panel_floats(std::int64_t rows) { return static_cast<std::size_t>(rows) * panel_width<E>; }

 public:
  template <class Bound>
  explicit TokenMixingKernel(const Bound& layer)
      : bias1_(copy_of(layer.member().fc1().bias())), bias2_(copy_of(layer.member().fc2().bias())) {
    const Parameter &w1 = layer.member().fc1().weight(), &w2 = layer.member().fc2().weight();
    if (in_pairs(Bound::input)) {
      pairs1_ = TokenStrassen<E>(w1.data(), w1.extent(0), w1.extent(1));
      pairs2_ = TokenStrassen<E>(w2.data(), w2.extent(0), w2.extent(1));
    } else {
      fc1_ = copy_of(w1);
      fc2_ = copy_of(w2);
    }
  }

  static constexpr std::size_t scratch_floats(Shape in) {
    const std::int64_t tokens = in.positions();
    const std::size_t statistics = 2 * Scratch::rounded(static_cast<std::size_t>(tokens));
    if (in_pairs(in))
      return statistics + Scratch::rounded(StrassenRight<E>::floats(tokens)) + Scratch::rounded(StrassenRight<E>::floats(Hidden));
    return statistics + Scratch::rounded(panel_floats(tokens)) + Scratch::rounded(panel_floats(Hidden));
  }

  void add(const float* x, Shape shape, const NormWeights& norm, const float* gain, float* y, Scratch& scratch) const {
    const std::ptrdiff_t tokens = shape.positions(), channels = shape.channels;
    Scratch::Frame frame(scratch);
    float* const mean = frame.take(static_cast<std::size_t>(tokens));
    float* const scale = frame.take(static_cast<std::size_t>(tokens));
    row_statistics<E>(x, channels, tokens, channels, norm.epsilon, mean, scale, scratch);
    if (in_pairs(shape)) {
      constexpr int width = panel_width<E>;
      share_blocks(channels, 2 * width, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t, Scratch& own) {
        Scratch::Frame inner(own);
        const auto gather = [&](int number, std::ptrdiff_t row, std::ptrdiff_t count, float* to) {
          gather_normalised<E>(x + row * channels, channels, count, first + number * width, width, width, mean + row, scale + row, norm,
                               to);
        };
        const auto right1 = StrassenRight<E>::gathered(tokens, inner.take(StrassenRight<E>::floats(tokens)), gather, own);
        const StrassenRight<E> right2{inner.take(StrassenRight<E>::floats(Hidden)), Hidden / 2};
        pairs1_.multiply(right1, 0, StoreRight<E, ActivationKernel<Activation>>{right2, bias1_.data()}, own);
        pairs2_.multiply(right2, first, AddScaled<E>{y, channels, gain, bias2_.data()}, own);
      });
      return;
    }
    share_panels<E>(channels, scratch, [&](std::ptrdiff_t first, int columns, int packets, Scratch& own) {
      const int width = packets * lanes_of<E>;
      Scratch::Frame inner(own);
      float* const panel = inner.take(panel_floats(tokens));
      float* const hidden = inner.take(panel_floats(Hidden));
      gather_normalised<E>(x, channels, tokens, first, columns, width, mean, scale, norm, panel, own);
      // The rows of W1 from this one on are put through the activation.
      constexpr std::ptrdiff_t activated = Gated ? Hidden : 0;
      multiply_panel<E>(Hidden, tokens, {fc1_.data() + activated * tokens, tokens}, panel, packets, 0, width,
                        StoreTokenBias<E, ActivationKernel<Activation>>{hidden, width, bias1_.data() + activated}, own);
      if constexpr (Gated)
        multiply_panel<E>(Hidden, tokens, {fc1_.data(), tokens}, panel, packets, 0, width, MultiplyBy<E>{hidden, width, bias1_.data()},
                          own);
      multiply_panel<E>(tokens, Hidden, {fc2_.data(), Hidden}, hidden, packets, first, columns,
                        AddScaled<E>{y, channels, gain, bias2_.data()}, own);
    });
  }

 private:
  static constexpr bool in_pairs(Shape in) {
    return !Gated && choose_token_product<E>(Hidden, in.positions(), in.channels) == Algorithm::strassen;
  }

  Buffer fc1_, bias1_, fc2_, bias2_;
  TokenStrassen<E> pairs1_, pairs2_;
};

template <Engine E, int Hidden, class Activation>
class SpatialKernel<E, AcrossTokens<FeedForward<Hidden, Activation>>> : public TokenMixingKernel<E, Hidden, Activation, false> {
  using SpatialKernel::TokenMixingKernel::TokenMixingKernel;
};
template <Engine E, int Hidden, class Activation>
class SpatialKernel<E, AcrossTokens<GatedFeedForward<Hidden, Activation>>> : public TokenMixingKernel<E, Hidden / 2, Activation, true> {
  using SpatialKernel::TokenMixingKernel::TokenMixingKernel;
};

}  // namespace tessera::detail
