// SPDX-License-Identifier: MIT
#pragma once

// Self-attention behind a layer norm, y += gain ⊙ Attention(LN(x)). The rows of LN(x) are made block by block in front of the product
// with W; 1/√d is folded into the rows of W that make q. Then, head by head and for a block of queries at a time,
//
//     S = Q Kᵀ        P = exp(S - max S)        O = P V / Σ P
//
// K is turned and V copied into panels once a head, so that all three products read their right operands in order. A block of S stays in
// the second-level cache.

#include <cmath>

#include "tessera/engine/packed/map_product.hpp"
#include "tessera/engine/packed/token_mixing.hpp"
#include "tessera/kernels/softmax.hpp"
#include "tessera/layers/attention.hpp"

namespace tessera::detail {

template <Engine E, int Heads, Bias QkvBias>
class SpatialKernel<E, Attention<Heads, QkvBias>> {
  // Queries at a time.
  static constexpr std::ptrdiff_t most_rows = 8 * RegisterTile<E>::rows;

  static constexpr std::ptrdiff_t whole_panels(std::ptrdiff_t columns) {
    return (columns + panel_width<E> - 1) / panel_width<E> * panel_width<E>;
  }

 public:
  template <class Bound>
  explicit SpatialKernel(const Bound& layer) {
    const std::ptrdiff_t channels = Bound::input.channels;
    const float q_scale = 1.0F / std::sqrt(static_cast<float>(channels / Heads));
    const auto scale = [&](std::ptrdiff_t row) { return row < channels ? q_scale : 1.0F; };
    const float* const qkv = layer.qkv_weight().data();
    const std::int64_t positions = Bound::input.fixed() ? Bound::input.positions() : 0;
    qkv_ = MapProduct<E>(positions, 3 * channels, channels,
                         [&](std::ptrdiff_t k, std::ptrdiff_t c) { return scale(k) * qkv[k * channels + c]; });
    qkv_bias_ = padded_vector<E>(3 * channels,
                                 [&](std::ptrdiff_t k) { return QkvBias == Bias::none ? 0.0F : scale(k) * layer.qkv_bias().data()[k]; });
    const float* const proj = layer.proj_weight().data();
    proj_ = MapProduct<E>(positions, channels, channels, [&](std::ptrdiff_t k, std::ptrdiff_t c) { return proj[k * channels + c]; });
    proj_bias_ = padded_copy<E>(layer.proj_bias());
  }

  static constexpr std::size_t scratch_floats(Shape in) {
    const std::int64_t tokens = in.positions(), channels = in.channels, width = channels / Heads, panels = whole_panels(tokens);
    const auto floats = [](std::int64_t count) { return Scratch::rounded(static_cast<std::size_t>(count)); };
    const std::size_t heads =
        floats(panels * width) + floats(tokens * whole_panels(width)) + floats(most_rows * panels) + floats(most_rows);
    return floats(tokens * 3 * channels) + Scratch::rounded(in) +
           std::max({MapProduct<E>::scratch_floats(tokens, channels, 3 * channels), heads,
                     MapProduct<E>::scratch_floats(tokens, channels, channels)});
  }

  void add(const float* x, Shape shape, const NormWeights& norm, const float* gain, float* y, Scratch& scratch) const {
    const std::ptrdiff_t tokens = shape.positions(), channels = shape.channels, width = channels / Heads, panels = whole_panels(tokens);
    Scratch::Frame frame(scratch);
    const auto take = [&](std::ptrdiff_t floats) { return frame.take(static_cast<std::size_t>(floats)); };
    float* const qkv = take(tokens * 3 * channels);
    float* const mixed = take(tokens * channels);

    const auto normalise = [&](std::ptrdiff_t first, std::ptrdiff_t count, float* to, Scratch& own) {
      normalise_rows<E>(x + first * channels, channels, count, channels, norm, to, channels, own);
    };
    const auto store = [&](std::ptrdiff_t first) {
      return StoreBias<E, NoActivation>{qkv + first * 3 * channels, 3 * channels, qkv_bias_.data()};
    };
    qkv_.run_made(normalise, tokens, store, scratch);
    scratch.share(Heads, [&](std::ptrdiff_t head, Scratch& own) {
      Scratch::Frame inner(own);
      float* const keys = inner.take(static_cast<std::size_t>(panels * width));
      float* const values = inner.take(static_cast<std::size_t>(tokens * whole_panels(width)));
      const float* const q = qkv + head * width;
      turn_panels<E>(q + channels, 3 * channels, tokens, width, keys);
      for_panels(width, [&](std::ptrdiff_t first, int columns, int packets) {
        gather_columns<E>(q + 2 * channels, 3 * channels, tokens, first, columns, packets * lanes_of<E>, values + first * tokens);
      });
      own.split(tokens, RegisterTile<E>::rows, [&](std::ptrdiff_t begin, std::ptrdiff_t queries, Scratch& mine) {
        Scratch::Frame innermost(mine);
        float* const weights = innermost.take(static_cast<std::size_t>(most_rows * panels));
        float* const sums = innermost.take(static_cast<std::size_t>(most_rows));
        for (std::ptrdiff_t first = begin; first < begin + queries; first += most_rows) {
          const std::ptrdiff_t count = std::min(most_rows, begin + queries - first);
          for_panels(tokens, [&](std::ptrdiff_t key, int columns, int packets) {
            multiply_panel<E>(RowRange{0, count}, width, {q + first * 3 * channels, 3 * channels}, keys + key * width, packets, key,
                              columns, Store<E>{weights, panels});
          });
          softmax_rows<E>(weights, panels, count, tokens, sums);
          for_panels(width, [&](std::ptrdiff_t c, int columns, int packets) {
            multiply_panel<E>(RowRange{0, count}, tokens, {weights, panels}, values + c * tokens, packets, c, columns,
                              StoreDivided<E>{mixed + first * channels + head * width, channels, sums});
          });
        }
      });
    });
    proj_.run(mixed, tokens, AddGained<E>{y, channels, gain, proj_bias_.data()}, scratch);
  }

 private:
  // visit(first column, columns, packets) for every panel of a right operand with this many columns.
  template <class Visit>
  static void for_panels(std::ptrdiff_t columns, const Visit& visit) {
    for (std::ptrdiff_t first = 0; first < columns; first += panel_width<E>) {
      const auto count = static_cast<int>(std::min<std::ptrdiff_t>(panel_width<E>, columns - first));
      visit(first, count, ProductTile<E>::packets_at_once(count));
    }
  }

  MapProduct<E> qkv_, proj_;
  Buffer qkv_bias_, proj_bias_;
};

}  // namespace tessera::detail
