// SPDX-License-Identifier: MIT
#pragma once

// Self-attention, as it is or after a layer norm, y += gain ⊙ Attention(LN(x)). The rows of LN(x) are made block by block before the
// product with W; 1/√d is folded into the rows of W that make q. Then, head by head and for a block of queries at a time,
//
//     S = Q Kᵀ        P = exp(S - max S)        O = P V / Σ P
//
// K is turned and V copied into panels once a head, so that all three products read their right operands in order. A block of S stays in
// the second-level cache.

#include <cmath>

#include "tessera/engine/packed/int8/map_product.hpp"
#include "tessera/engine/packed/token_mixing.hpp"
#include "tessera/kernels/softmax.hpp"
#include "tessera/layers/attention.hpp"

namespace tessera::detail {

// Qkv, Proj: the algorithms of the products with the weights of q, k and v, and of the projection.
template <Isa I, Algorithm Qkv, Algorithm Proj>
class PackedAttention {
  // Queries at a time.
  static constexpr std::ptrdiff_t most_rows = 8 * RegisterTile<I>::rows;

  static constexpr std::ptrdiff_t whole_panels(std::ptrdiff_t columns) {
    return (columns + panel_width<I> - 1) / panel_width<I> * panel_width<I>;
  }

 public:
  // qkv_bias may be null.
  PackedAttention(std::ptrdiff_t channels, int heads, const Parameter& qkv, const float* qkv_bias, const Parameter& proj,
                  const Parameter& proj_bias)
      : heads_(heads) {
    Buffer scale = padded_zeros<I>(3 * channels);
    std::fill_n(scale.data(), channels, 1.0F / std::sqrt(static_cast<float>(channels / heads)));
    std::fill_n(scale.data() + channels, 2 * channels, 1.0F);
    qkv_ = MapProduct<I, Qkv>({.data = qkv.data(), .columns = 3 * channels, .inner = channels, .after = scale.data()});
    qkv_bias_ = padded_zeros<I>(3 * channels);
    for (std::ptrdiff_t k = 0; qkv_bias != nullptr && k < 3 * channels; ++k) qkv_bias_.data()[k] = scale.data()[k] * qkv_bias[k];
    proj_ = MapProduct<I, Proj>({.data = proj.data(), .columns = channels, .inner = channels});
    proj_bias_ = padded_copy<I>(proj_bias);
  }

  static constexpr std::size_t scratch_floats(Shape in, int heads) {
    const auto tokens = static_cast<std::ptrdiff_t>(in.positions());
    const std::ptrdiff_t channels = in.channels, width = channels / heads, panels = whole_panels(tokens);
    const auto floats = [](std::ptrdiff_t count) { return Scratch::rounded(static_cast<std::size_t>(count)); };
    const std::size_t head = floats(panels * width) + floats(tokens * whole_panels(width)) + floats(most_rows * panels) + floats(most_rows);
    return floats(tokens * 3 * channels) + Scratch::rounded(in) +
           std::max({MapProduct<I, Qkv>::scratch_floats(tokens, channels), head, MapProduct<I, Proj>::scratch_floats(tokens, channels)});
  }

  // y += gain ⊙ Attention(LN(x)). x may be y.
  void add(const float* x, Shape shape, const NormWeights& norm, const float* gain, float* y, Scratch& scratch) const {
    run(x, shape, NormalisedRows<I>{norm}, {.y = y, .stride = shape.channels, .combine = Combine::add_gain, .gain = gain}, scratch);
  }

  // The epilogue, which gets its bias here, takes the sums of the projection. Its y may be x.
  template <class Rows>
  void run(const float* x, Shape shape, const Rows& rows, Epilogue epilogue, Scratch& scratch) const {
    const auto tokens = static_cast<std::ptrdiff_t>(shape.positions());
    const std::ptrdiff_t channels = shape.channels, width = channels / heads_;
    Scratch::Frame frame(scratch);
    float* const qkv = frame.take(static_cast<std::size_t>(tokens * 3 * channels));
    float* const mixed = frame.take(static_cast<std::size_t>(tokens * channels));
    qkv_.run(x, tokens, rows, {.y = qkv, .stride = 3 * channels, .bias_of = BiasOf::channel, .bias = qkv_bias_.data()}, scratch);
    scratch.share(heads_, [&](std::ptrdiff_t head, Scratch& own) { mix(qkv + head * width, tokens, channels, mixed + head * width, own); });
    epilogue.bias_of = BiasOf::channel;
    epilogue.bias = proj_bias_.data();
    proj_.run(mixed, tokens, RowsAsTheyAre{}, epilogue, scratch);
  }

 private:
  // visit(first column, columns, packets) for every panel of a right operand with this many columns.
  template <class Visit>
  static void for_panels(std::ptrdiff_t columns, const Visit& visit) {
    for (std::ptrdiff_t first = 0; first < columns; first += panel_width<I>) {
      const auto count = static_cast<int>(std::min<std::ptrdiff_t>(panel_width<I>, columns - first));
      visit(first, count, ProductTile<I>::packets_at_once(count));
    }
  }

  // One head: q is the first number of its queries.
  void mix(const float* q, std::ptrdiff_t tokens, std::ptrdiff_t channels, float* mixed, Scratch& scratch) const {
    const std::ptrdiff_t width = channels / heads_, panels = whole_panels(tokens), stride = 3 * channels;
    Scratch::Frame frame(scratch);
    float* const keys = frame.take(static_cast<std::size_t>(panels * width));
    float* const values = frame.take(static_cast<std::size_t>(tokens * whole_panels(width)));
    turn_panels<I>(q + channels, stride, tokens, width, keys);
    for_panels(width, [&](std::ptrdiff_t first, int columns, int packets) {
      gather_columns<I>(q + 2 * channels, stride, tokens, first, columns, packets * lanes_of<I>, GatherAsIs{}, values + first * tokens);
    });
    scratch.split(tokens, RegisterTile<I>::rows, [&](std::ptrdiff_t begin, std::ptrdiff_t queries, Scratch& own) {
      Scratch::Frame inner(own);
      float* const weights = inner.take(static_cast<std::size_t>(most_rows * panels));
      float* const factors = inner.take(static_cast<std::size_t>(most_rows));
      for (std::ptrdiff_t first = begin; first < begin + queries; first += most_rows) {
        const std::ptrdiff_t count = std::min(most_rows, begin + queries - first);
        for_panels(tokens, [&](std::ptrdiff_t key, int columns, int packets) {
          multiply_panel<I>(RowRange{0, count}, width, {q + first * stride, stride}, keys + key * width, packets, key, columns,
                            {.y = weights, .stride = panels});
        });
        softmax_rows<I>(weights, panels, count, tokens, factors);
        for_panels(width, [&](std::ptrdiff_t c, int columns, int packets) {
          multiply_panel<I>(RowRange{0, count}, tokens, {weights, panels}, values + c * tokens, packets, c, columns,
                            {.y = mixed + first * channels, .stride = channels, .combine = Combine::scale, .gain = factors});
        });
      }
    });
  }

  int heads_;
  MapProduct<I, Qkv> qkv_;
  MapProduct<I, Proj> proj_;
  Buffer qkv_bias_, proj_bias_;
};

// The same for a layer that is bound to a shape.
template <Engine E, Shape In, int Heads, Bias QkvBias>
class AttentionKernel : public PackedAttention<E, choose_map_product<E>(In.fixed() ? In.positions() : 0, In.channels, 3 * In.channels),
                                               choose_map_product<E>(In.fixed() ? In.positions() : 0, In.channels, In.channels)> {
 public:
  template <class Bound>
  explicit AttentionKernel(const Bound& layer)
      : AttentionKernel::PackedAttention(In.channels, Heads, layer.qkv_weight(), QkvBias == Bias::none ? nullptr : layer.qkv_bias().data(),
                                         layer.proj_weight(), layer.proj_bias()) {}
  static constexpr std::size_t scratch_floats(Shape in) { return AttentionKernel::PackedAttention::scratch_floats(in, Heads); }
};

template <Engine E, int Heads, Bias QkvBias>
struct SpatialKernel<E, Attention<Heads, QkvBias>> {
  template <Shape In>
  using For = AttentionKernel<E, In, Heads, QkvBias>;
};

}  // namespace tessera::detail
