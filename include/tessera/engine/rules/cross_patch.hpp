// SPDX-License-Identifier: MIT
#pragma once

// ResMLP's cross-patch sub-layer, Residual<Affine, AcrossTokens<Linear>, LayerScale>, as one product with an epilogue.
// The affine acts per channel and the weights per token, so it does not fold into them; it commutes. With z = W x over tokens,
//
//     x[n,c] += g[c]·alpha[c]·z[n,c] + g[c]·beta[c]·Σ_m W[n,m] + g[c]·b[n]
//
// Nothing is transposed: W is the left operand, rows of x are contiguous along the channels. One panel of columns of x is copied
// before its sums replace it.

#include <numeric>

#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/epilogues.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/token_strassen.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/linear.hpp"

namespace tessera::detail {

template <Engine E, int Out, class Original, class Bound>
class Lowered<E, Residual<Affine, AcrossTokens<Linear<Out>>, LayerScale>, Original, Bound> {
  static constexpr std::ptrdiff_t tokens = Bound::input.positions();
  static constexpr int channels = Bound::input.channels;
  static constexpr std::size_t panel_floats = static_cast<std::size_t>(tokens) * panel_width<E>;
  static constexpr bool in_pairs = choose_token_product<E>(tokens, tokens, channels) == Algorithm::strassen;

 public:
  explicit Lowered(const Bound& layer) {
    const auto& members = layer.branch().members();
    const auto& affine = members.head;
    const auto& linear = members.tail.head.member();
    const float* const gamma = members.tail.tail.head.gamma().data();
    const float* const alpha = affine.alpha().data();
    const float* const beta = affine.beta().data();
    const float* const weight = linear.weight().data();

    if constexpr (in_pairs) {
      pairs_ = TokenStrassen<E>(weight, tokens, tokens);
    } else {
      weight_ = Buffer(static_cast<std::size_t>(tokens * tokens));
      std::copy_n(weight, tokens * tokens, weight_.data());
    }
    scale_ = padded_vector<E>(channels, [&](std::ptrdiff_t c) { return gamma[c] * alpha[c]; });
    shift_ = padded_vector<E>(channels, [&](std::ptrdiff_t c) { return gamma[c] * beta[c]; });
    gain_ = padded_vector<E>(channels, [&](std::ptrdiff_t c) { return gamma[c]; });
    bias_ = padded_vector<E>(tokens, [&](std::ptrdiff_t n) { return linear.bias().data()[n]; });
    sums_ = padded_vector<E>(
        tokens, [&](std::ptrdiff_t n) { return static_cast<float>(std::accumulate(weight + n * tokens, weight + (n + 1) * tokens, 0.0)); });
  }

  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) {
    return Scratch::rounded(in_pairs ? StrassenRight<E>::floats(tokens) : panel_floats);
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }
  // x may be y.
  void add(const float* x, Shape, float* y, Scratch& scratch) const {
    const AddTokenBias<E> epilogue{y, channels, scale_.data(), shift_.data(), gain_.data(), sums_.data(), bias_.data()};
    if constexpr (in_pairs) {
      constexpr int width = panel_width<E>;
      share_blocks(channels, 2 * width, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t, Scratch& own) {
        Scratch::Frame frame(own);
        const auto gather = [&](int number, std::ptrdiff_t row, std::ptrdiff_t count, float* to) {
          gather_columns<E>(x + row * channels, channels, count, first + number * width, width, width, to);
        };
        const auto right = StrassenRight<E>::gathered(tokens, frame.take(StrassenRight<E>::floats(tokens)), gather, own);
        pairs_.multiply(right, first, epilogue, own);
      });
      return;
    }
    share_panels<E>(channels, scratch, [&](std::ptrdiff_t first, int columns, int packets, Scratch& own) {
      Scratch::Frame frame(own);
      float* const panel = frame.take(panel_floats);
      gather_columns<E>(x, channels, tokens, first, columns, packets * lanes_of<E>, panel, own);
      multiply_panel<E>(tokens, tokens, {weight_.data(), tokens}, panel, packets, first, columns, epilogue, own);
    });
  }

 private:
  Buffer weight_, scale_, shift_, gain_, sums_, bias_;
  TokenStrassen<E> pairs_;
};

}  // namespace tessera::detail
