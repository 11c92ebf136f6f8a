// SPDX-License-Identifier: MIT
#pragma once

// Feed-forwards with products of bytes (engine/packed/feed_forward.hpp says what they compute). Each row of x has a scale of its own, and
// so has each row of h. A block of h is made in float32, because its largest number is known only when its last one is.

#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/feed_forward_plan.hpp"
#include "tessera/engine/packed/folded_linear.hpp"
#include "tessera/kernels/int8/product.hpp"

namespace tessera::detail {

// A linear layer over channels as bytes, with what is folded into it (engine/packed/folded_linear.hpp).
template <Isa I>
struct Int8Linear {
  Int8Panels<I> weights;
  Buffer bias;

  Int8Linear() = default;
  Int8Linear(const Parameter& all, const Parameter& biases, std::ptrdiff_t first, std::ptrdiff_t rows, const Fold& fold) {
    const auto channels = static_cast<std::ptrdiff_t>(all.extent(1));
    const float* const weight = all.data() + first * channels;
    weights = Int8Panels<I>({.data = weight, .columns = rows, .inner = channels, .before = fold.before, .after = fold.after});
    bias = folded_bias<I>(weight, biases.data() + first, rows, channels, fold);
  }
};

// Rows of a block: their hidden activation of at most 512 KiB, or enough to pay for reading the weights.
template <Isa I>
constexpr std::int64_t int8_block_rows(std::int64_t rows, std::int64_t hidden, int workers = 1) {
  return even_block_rows<I>(rows, std::max(128 * 1024 / hidden, enough_rows<I>), workers);
}

template <Isa I, FeedForwardKind Kind, class Function, class Rows>
  requires(Kind.int8)
class PackedFeedForward<I, Kind, Function, Rows> {
 public:
  PackedFeedForward(const Parameter& weight1, const Parameter& bias1, const Parameter& weight2, const Parameter& bias2, const Fold& around,
                    const Rows& rows, const FeedForwardPlan&)
      : rows_(rows) {
    const auto channels = static_cast<std::ptrdiff_t>(weight2.extent(0)), hidden = static_cast<std::ptrdiff_t>(weight2.extent(1));
    const Fold before{around.before, around.shift, nullptr};
    fc1_ = {weight1, bias1, 0, hidden, before};
    if constexpr (Kind.gated) gate_ = {weight1, bias1, hidden, hidden, before};
    fc2_ = {weight2, bias2, 0, channels, {nullptr, nullptr, around.after}};
  }

  static constexpr std::size_t scratch_floats(const FeedForwardPlan&, std::int64_t positions, std::int64_t channels, std::int64_t hidden) {
    const std::int64_t block = int8_block_rows<I>(positions, hidden);
    return Rows::block_floats(block, channels) + Int8Activations<I>::floats(block, channels) +
           Scratch::rounded(static_cast<std::size_t>(block * hidden)) + Int8Activations<I>::floats(block, hidden);
  }

  void run(const float* x, std::ptrdiff_t positions, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t channels = fc1_.weights.inner(), hidden = fc1_.weights.columns();
    const auto block = static_cast<std::ptrdiff_t>(int8_block_rows<I>(positions, hidden, scratch.workers()));
    share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      Scratch::Frame frame(own);
      float* const buffer = frame.take(Rows::block_floats(count, channels));
      const float* const read = rows_.read(x + first * channels, 0, count, channels, buffer, own);
      const Int8Left left = Int8Activations<I>::quantised(read, count, channels, frame, own);
      float* const h = frame.take(static_cast<std::size_t>(count * hidden));
      const auto multiply_to_h = [&](const Int8Linear<I>& linear, const Activation& activation, Combine combine) {
        multiply_int8_panels<I>(left, {0, count}, linear.weights,
                                {.y = h,
                                 .stride = hidden,
                                 .bias_of = BiasOf::channel,
                                 .bias = linear.bias.data(),
                                 .activation = activation,
                                 .combine = combine},
                                own);
      };
      if constexpr (Kind.gated) {
        multiply_to_h(gate_, activation_of<I, Function>(), Combine::store);
        multiply_to_h(fc1_, {}, Combine::multiply);
      } else {
        multiply_to_h(fc1_, activation_of<I, Function>(), Combine::store);
      }
      multiply_int8_panels<I>(Int8Activations<I>::quantised(h, count, hidden, frame, own), {0, count}, fc2_.weights,
                              epilogue.from_row(first), own);
    });
  }

  const float* bias2() const { return fc2_.bias.data(); }

 private:
  struct Nothing {};

  [[no_unique_address]] Rows rows_;
  Int8Linear<I> fc1_, fc2_;
  [[no_unique_address]] std::conditional_t<Kind.gated, Int8Linear<I>, Nothing> gate_;
};

}  // namespace tessera::detail
