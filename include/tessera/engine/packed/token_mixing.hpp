// SPDX-License-Identifier: MIT
#pragma once

// Token mixing by an MLP after a layer norm, y += gain ⊙ MLP(LN(x)) over columns, nothing transposed: for one panel of channels,
//
//     P = LN(x)[:, panel]        H = act(W1·P + b1)        y[:, panel] += gain ⊙ (W2·H + b2)
//
// and gated, with W1u and W1v the two halves of W1, H = (W1u·P + b1u) ⊙ act(W1v·P + b1v).
// The norm is not folded: its scale acts per channel, the weights per token, and so blocks with norms of their own can share the weights.

#include "tessera/engine/packed/int8/token_product.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/gated_feed_forward.hpp"

namespace tessera::detail {

// y += gain ⊙ F(LN(x)) for a layer F over tokens: SpatialKernel<E, F>::For<In>, if there is one, is made from F bound to the shape In, and
// has
//
//     static constexpr std::size_t scratch_floats(Shape);
//     void add(const float* x, Shape, const NormWeights&, const float* gain, float* y, Scratch&) const;        x may be y
template <Engine E, class F>
struct SpatialKernel;

// Function: the activation on packets.
template <Isa I, Algorithm How, class Function, bool Gated>
class PackedTokenMixing {
 public:
  // hidden: rows of W1 or, gated, of each half of it.
  PackedTokenMixing(const Parameter& weight1, const Parameter& bias1, const Parameter& weight2, const Parameter& bias2)
      : bias1_(copy_of(bias1)), bias2_(copy_of(bias2)) {
    const auto tokens = static_cast<std::ptrdiff_t>(weight1.extent(1));
    hidden_ = static_cast<std::ptrdiff_t>(weight2.extent(1));
    fc1_ = TokenProduct<I, How>(weight1.data(), hidden_, tokens);
    if constexpr (Gated) gate_ = TokenProduct<I, How>(weight1.data() + hidden_ * tokens, hidden_, tokens);
    fc2_ = TokenProduct<I, How>(weight2.data(), static_cast<std::ptrdiff_t>(weight2.extent(0)), hidden_);
  }

  static constexpr std::size_t scratch_floats(std::int64_t tokens, std::int64_t hidden) {
    return 2 * Scratch::rounded(static_cast<std::size_t>(tokens)) + TokenProduct<I, How>::right_floats(tokens) +
           TokenProduct<I, How>::right_floats(hidden);
  }

  void add(const float* x, Shape shape, const NormWeights& norm, const float* gain, float* y, Scratch& scratch) const {
    const auto tokens = static_cast<std::ptrdiff_t>(shape.positions());
    const std::ptrdiff_t channels = shape.channels;
    Scratch::Frame frame(scratch);
    float* const mean = frame.take(static_cast<std::size_t>(tokens));
    float* const scale = frame.take(static_cast<std::size_t>(tokens));
    row_statistics<I>(x, channels, tokens, channels, norm.epsilon, mean, scale, scratch);
    const Epilogue epilogue{
        .y = y, .stride = channels, .bias_of = BiasOf::token, .bias = bias2_.data(), .combine = Combine::add_gain, .gain = gain};
    fc1_.share(channels, scratch, [&](const Channels& here, Scratch& own) {
      Scratch::Frame inner(own);
      float* const right = fc1_.take_right(inner);
      float* const hidden = fc2_.take_right(inner);
      fc1_.gather(x, channels, here, GatherNormalised{mean, scale, norm.weight, norm.bias}, right, own);
      if constexpr (Gated) {
        gate_.template multiply_on<Function>(right, here, bias1_.data() + hidden_, Combine::store, hidden, own);
        fc1_.template multiply_on<NoActivation>(right, here, bias1_.data(), Combine::multiply, hidden, own);
      } else {
        fc1_.template multiply_on<Function>(right, here, bias1_.data(), Combine::store, hidden, own);
      }
      fc2_.multiply(hidden, here, epilogue, own);
    });
  }

 private:
  std::ptrdiff_t hidden_;
  Buffer bias1_, bias2_;
  TokenProduct<I, How> fc1_, gate_, fc2_;
};

// The same for a layer that is bound to a shape.
template <Engine E, Shape In, int Hidden, bool Gated>
inline constexpr Algorithm token_mixing_algorithm =  // Strassen's was not tried for gated ones.
    Gated ? Algorithm::sums : choose_token_product<E>(Hidden, In.positions(), In.channels);
template <Engine E, Shape In, int Hidden, class Layer, bool Gated>
class TokenMixingKernel : public PackedTokenMixing<E, token_mixing_algorithm<E, In, Hidden, Gated>, ActivationKernel<Layer>, Gated> {
  using Packed = PackedTokenMixing<E, token_mixing_algorithm<E, In, Hidden, Gated>, ActivationKernel<Layer>, Gated>;

 public:
  template <class Bound>
  explicit TokenMixingKernel(const Bound& layer)
      : Packed(layer.member().fc1().weight(), layer.member().fc1().bias(), layer.member().fc2().weight(), layer.member().fc2().bias()) {}
  static constexpr std::size_t scratch_floats(Shape in) { return Packed::scratch_floats(in.positions(), Hidden); }
};

template <Engine E, int Hidden, class Layer>
struct SpatialKernel<E, AcrossTokens<FeedForward<Hidden, Layer>>> {
  template <Shape In>
  using For = TokenMixingKernel<E, In, Hidden, Layer, false>;
};
template <Engine E, int Hidden, class Layer>
struct SpatialKernel<E, AcrossTokens<GatedFeedForward<Hidden, Layer>>> {
  template <Shape In>
  using For = TokenMixingKernel<E, In, Hidden / 2, Layer, true>;
};

}  // namespace tessera::detail
