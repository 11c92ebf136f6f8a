// SPDX-License-Identifier: MIT
#pragma once

// TokenProduct: a product over tokens, y = W · x, nothing transposed. The weights are the left operand, row-major as in the checkpoint. The
// right operand is one panel of channels of x at a time, or two by Strassen's algorithm, copied and perhaps scaled on the way, or made by
// another TokenProduct.

#include "tessera/core/parameter.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen/token.hpp"

namespace tessera::detail {

// Channels of a right operand: whole panels by Strassen's algorithm, otherwise one panel, which may have fewer columns than lanes.
struct Channels {
  std::ptrdiff_t first;
  int columns, packets;
};

template <Isa I, Algorithm How>
class TokenProduct {
  static constexpr bool strassen = How == Algorithm::strassen;

 public:
  TokenProduct() = default;
  // W: rows × inner. Products that follow each other take the same algorithm.
  TokenProduct(const float* weights, std::ptrdiff_t rows, std::ptrdiff_t inner) : rows_(rows), inner_(inner) {
    if constexpr (strassen) {
      weights_ = TokenStrassen<I>(weights, rows, inner);
    } else {
      weights_ = Buffer(static_cast<std::size_t>(rows * inner));
      std::copy_n(weights, rows * inner, weights_.data());
    }
  }

  // Floats of memory for a right operand with `tokens` tokens.
  static constexpr std::size_t right_floats(std::int64_t tokens) {
    return Scratch::rounded(strassen ? StrassenRight<I>::floats(tokens) : static_cast<std::size_t>(tokens) * panel_width<I>);
  }
  float* take_right(Scratch::Frame& frame) const { return frame.take(right_floats(inner_)); }

  // work(Channels, scratch) for all channels, which the workers share.
  template <class Work>
  void share(std::ptrdiff_t channels, Scratch& scratch, const Work& work) const {
    const std::ptrdiff_t at_once = (strassen ? 2 : 1) * panel_width<I>;
    share_blocks(channels, at_once, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      work(Channels{first, static_cast<int>(count), ProductTile<I>::packets_at_once(count)}, own);
    });
  }

  // Copies channels of x (inner × stride) to a right operand.
  template <class Gather>
  void gather(const float* x, std::ptrdiff_t stride, const Channels& channels, const Gather& how, float* right, Scratch& scratch) const {
    if constexpr (strassen) {
      StrassenRight<I>::gathered(x, stride, inner_, channels.first, how, right, scratch);
    } else {
      gather_columns<I>(x, stride, inner_, channels.first, channels.columns, channels.packets * lanes_of<I>, how, right, scratch);
    }
  }
  // The epilogue's y has all channels.
  void multiply(const float* right, const Channels& channels, const Epilogue& epilogue, Scratch& scratch) const {
    if constexpr (strassen) {
      weights_.multiply(right, channels.first, epilogue, scratch);
    } else {
      multiply_panel<I>(rows_, inner_, {weights_.data(), inner_}, right, channels.packets, channels.first, channels.columns, epilogue,
                        scratch);
    }
  }
  // The same to `next`, the right operand of another product, through a packet function. bias: per token. By Strassen's algorithm it is
  // only stored.
  template <class Function>
  void multiply_on(const float* right, const Channels& channels, const float* bias, Combine combine, float* next, Scratch& scratch) const {
    if constexpr (strassen) {
      const StoreRight<I, Function> store{{next, rows_ / 2}, bias};
      weights_.multiply(right, 0, store, scratch);
    } else {
      const int width = channels.packets * lanes_of<I>;
      const Epilogue epilogue{.y = next,
                              .stride = width,
                              .bias_of = BiasOf::token,
                              .bias = bias,
                              .activation = activation_of<I, Function>(),
                              .combine = combine};
      multiply_panel<I>(rows_, inner_, {weights_.data(), inner_}, right, channels.packets, 0, width, epilogue, scratch);
    }
  }

 private:
  std::ptrdiff_t rows_ = 0, inner_ = 0;
  std::conditional_t<strassen, TokenStrassen<I>, Buffer> weights_;
};

}  // namespace tessera::detail
