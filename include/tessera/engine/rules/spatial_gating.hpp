// SPDX-License-Identifier: MIT
#pragma once

// gMLP's block, Residual<LayerNorm, SpatialGatedFeedForward>, in three passes. Only the half V of the hidden activation is ever whole:
//
//     V  = act(W1v LN(x) + b1v)                  blocks of positions
//     G  = A LN(V) + a                           panels of columns, in the place of V
//     x += W2 (act(W1u LN(x) + b1u) ⊙ G) + b2    blocks of positions, the product in the place of G
//
// The block's norm is folded into W1; the gate's norm stands before A, which mixes tokens.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/engine/packed/feed_forward.hpp"
#include "tessera/kernels/gather.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/layers/gated_feed_forward.hpp"
#include "tessera/layers/residual.hpp"

namespace tessera::detail {

template <Engine E, Real Epsilon, int Hidden, class Activation, class Original, class Bound>
class Lowered<E, Residual<LayerNorm<Epsilon>, SpatialGatedFeedForward<Hidden, Activation>>, Original, Bound> {
  static constexpr detail::Activation activation = activation_of<E, ActivationKernel<Activation>>();
  static constexpr std::ptrdiff_t half = Hidden / 2;
  static constexpr std::ptrdiff_t tokens = Bound::input.positions(), channels = Bound::input.channels;
  static constexpr std::ptrdiff_t block_rows(int workers) { return hidden_block_rows<E>(tokens, channels, half, workers); }
  static constexpr std::size_t floats(std::ptrdiff_t rows, std::ptrdiff_t columns) { return static_cast<std::size_t>(rows * columns); }

 public:
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members().head, layer.branch().members().tail.head) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) {
    return Scratch::rounded(floats(tokens, half)) + Scratch::rounded(floats(block_rows(1), channels)) +
           Scratch::rounded(floats(tokens, panel_width<E>)) + 2 * Scratch::rounded(tokens);
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  static constexpr std::string_view branch_label = result_label<SequentialOf<Original>>;
  void run(Flow& flow, Scratch& scratch) const { run_residual(addition_of(*this), branch_label, flow, scratch); }
  // x may be y.
  void add(const float* x, Shape, float* y, Scratch& scratch) const {
    Scratch::Frame frame(scratch);
    float* const v = frame.take(floats(tokens, half));
    float* const mean = frame.take(tokens);
    float* const scale = frame.take(tokens);
    // visit(first row of a block, its number of rows, its normalised rows, scratch)
    const auto for_blocks = [&](const auto& visit) {
      share_blocks(tokens, block_rows(scratch.workers()), scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
        Scratch::Frame inner(own);
        float* const rows = inner.take(floats(count, channels));
        visit(first, count, rows_.read(x + first * channels, 0, count, channels, rows, own), own);
      });
    };

    for_blocks([&](std::ptrdiff_t first, std::ptrdiff_t count, const float* read, Scratch& own) {
      multiply_panels<E>(
          read, channels, {0, count}, fc1v_.weights(),
          {.y = v + first * half, .stride = half, .bias_of = BiasOf::channel, .bias = fc1v_.bias(), .activation = activation}, own);
    });
    row_statistics<E>(v, half, tokens, half, gate_epsilon_, mean, scale, scratch);
    share_panels<E>(half, scratch, [&](std::ptrdiff_t first, int columns, int packets, Scratch& own) {
      Scratch::Frame inner(own);
      float* const panel = inner.take(floats(tokens, panel_width<E>));
      gather_columns<E>(v, half, tokens, first, columns, packets * lanes_of<E>,
                        GatherNormalised{mean, scale, gate_weight_.data(), gate_bias_.data()}, panel, own);
      multiply_panel<E>(tokens, tokens, {proj_.data(), tokens}, panel, packets, first, columns,
                        {.y = v, .stride = half, .bias_of = BiasOf::token, .bias = proj_bias_.data()}, own);
    });
    for_blocks([&](std::ptrdiff_t first, std::ptrdiff_t count, const float* read, Scratch& own) {
      float* const gated = v + first * half;
      multiply_panels<E>(read, channels, {0, count}, fc1u_.weights(),
                         {.y = gated,
                          .stride = half,
                          .bias_of = BiasOf::channel,
                          .bias = fc1u_.bias(),
                          .activation = activation,
                          .combine = Combine::multiply},
                         own);
      multiply_panels<E>(
          gated, half, {0, count}, fc2_.weights(),
          {.y = y + first * channels, .stride = channels, .bias_of = BiasOf::channel, .bias = fc2_.bias(), .combine = Combine::add}, own);
    });
  }

 private:
  template <class Norm, class Layer>
  Lowered(const Norm& norm, const Layer& layer)
      : rows_{{Norm::epsilon, nullptr, nullptr}},
        gate_epsilon_(std::remove_cvref_t<decltype(layer.norm())>::epsilon),
        fc1u_(layer.fc1().weight(), layer.fc1().bias(), 0, half, {norm.weight().data(), norm.bias().data(), nullptr}),
        fc1v_(layer.fc1().weight(), layer.fc1().bias(), half, half, {norm.weight().data(), norm.bias().data(), nullptr}),
        fc2_(layer.fc2().weight(), layer.fc2().bias(), Fold{}),
        gate_weight_(padded_copy<E>(layer.norm().weight())),
        gate_bias_(padded_copy<E>(layer.norm().bias())),
        proj_(copy_of(layer.proj().weight())),
        proj_bias_(copy_of(layer.proj().bias())) {}

  NormalisedRows<E> rows_;
  float gate_epsilon_;
  FoldedLinear<E> fc1u_, fc1v_, fc2_;
  Buffer gate_weight_, gate_bias_, proj_, proj_bias_;
};

}  // namespace tessera::detail
