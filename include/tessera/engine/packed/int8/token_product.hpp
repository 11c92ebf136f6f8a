// SPDX-License-Identifier: MIT
#pragma once

// A product over tokens, y = W · x, as bytes. Each channel of x has a scale of its own, which is known when all its tokens are: a right
// operand has a panel of floats, and its bytes.

#include "tessera/engine/packed/token_product.hpp"
#include "tessera/kernels/int8/product.hpp"

namespace tessera::detail {

template <Isa I>
class TokenProduct<I, Algorithm::int8> {
 public:
  TokenProduct() = default;
  TokenProduct(const float* weights, std::ptrdiff_t rows, std::ptrdiff_t inner) : weights_(weights, rows, inner) {}

  static constexpr std::size_t right_floats(std::int64_t tokens) {
    return Scratch::rounded(static_cast<std::size_t>(Right(nullptr, static_cast<std::ptrdiff_t>(tokens)).floats()));
  }
  float* take_right(Scratch::Frame& frame) const { return frame.take(right_floats(weights_.inner())); }

  template <class Work>
  void share(std::ptrdiff_t channels, Scratch& scratch, const Work& work) const {
    share_blocks(channels, panel_width<I>, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      work(Channels{first, static_cast<int>(count), ProductTile<I>::packets_at_once(count)}, own);
    });
  }

  template <class Gather>
  void gather(const float* x, std::ptrdiff_t stride, const Channels& channels, const Gather& how, float* right, Scratch& scratch) const {
    const Right to(right, weights_.inner());
    gather_columns<I>(x, stride, to.tokens, channels.first, channels.columns, channels.packets * lanes_of<I>, how, to.panel(), scratch);
    quantise(to, channels, scratch);
  }
  void multiply(const float* right, const Channels& channels, const Epilogue& epilogue, Scratch& scratch) const {
    multiply(right, channels, channels.first, channels.columns, epilogue, scratch);
  }
  template <class Function>
  void multiply_on(const float* right, const Channels& channels, const float* bias, Combine combine, float* next, Scratch& scratch) const {
    const Right to(next, weights_.rows());
    const int width = channels.packets * lanes_of<I>;
    multiply(right, channels, 0, width,
             {.y = to.panel(),
              .stride = width,
              .bias_of = BiasOf::token,
              .bias = bias,
              .activation = activation_of<I, Function>(),
              .combine = combine},
             scratch);
    quantise(to, channels, scratch);
  }

 private:
  // Where the parts of a right operand are.
  struct Right {
    float* data;
    std::ptrdiff_t tokens;

    constexpr Right(float* data_, std::ptrdiff_t tokens_) : data(data_), tokens(tokens_) {}
    constexpr std::ptrdiff_t floats() const { return (tokens + groups_of(tokens) + 2) * panel_width<I>; }
    float* panel() const { return data; }
    Int8Scales scales() const { return {data + tokens * panel_width<I>, data + (tokens + 1) * panel_width<I>}; }
    std::byte* bytes() const { return reinterpret_cast<std::byte*>(data + (tokens + 2) * panel_width<I>); }
  };

  static void quantise(const Right& right, const Channels& channels, Scratch& scratch) {
    scratch.split(channels.packets, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      for (std::ptrdiff_t packet = first; packet < first + count; ++packet)
        quantise_columns<I>(right.panel(), right.tokens, channels.packets * lanes_of<I>, packet * lanes_of<I>, right.bytes(),
                            right.scales());
    });
  }
  void multiply(const float* right, const Channels& channels, std::ptrdiff_t column, int columns, const Epilogue& epilogue,
                Scratch& scratch) const {
    const Right from(const_cast<float*>(right), weights_.inner());
    scratch.split(weights_.rows(), int8_tile_rows<I>, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch&) {
      Int8Product<I>::multiply(RowRange{first, count}, {weights_.data(), weights_.stride(), weights_.scales(), true},
                               {from.bytes(), from.scales(), channels.packets, columns, weights_.groups()}, from.bytes(), column, epilogue);
    });
  }

  Int8Rows<I> weights_;
};

}  // namespace tessera::detail
