// SPDX-License-Identifier: MIT
#pragma once

// Two packed products and the activation between them, over blocks of positions, so that the wider hidden activation of a block stays in
// the second-level cache:
//
//     h = act(W1 x + b1)                   y gets W2 h
//     h = (W1u x + b1u) ⊙ act(W1v x + b1v)                        gated: W1u and W1v are the two halves of W1
//
// The rows of x are read as they are, or brought to mean 0 and variance 1 on the way.

#include "tessera/engine/packed/folded_linear.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen.hpp"
#include "tessera/kernels/strassen_twice.hpp"

namespace tessera::detail {

struct PlainRows {
  static constexpr std::size_t block_floats(std::int64_t, std::int64_t) { return 0; }
  const float* read(const float* x, std::ptrdiff_t, std::ptrdiff_t, float*, Scratch&) const { return x; }
};
template <Engine E>
struct NormalisedRows {
  float epsilon;
  static constexpr std::size_t block_floats(std::int64_t rows, std::int64_t channels) {
    return Scratch::rounded(static_cast<std::size_t>(rows * channels));
  }
  const float* read(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* block, Scratch& scratch) const {
    normalise_rows<E>(x, channels, rows, channels, {epsilon, nullptr, nullptr}, block, channels, scratch);
    return block;
  }
};

// Rows of a block. It pays for one pass over the weights, and its hidden activation
// should stay in the second-level cache: it may be as large as half of a 1 MiB cache, or as the weights if those are larger.
template <Engine E>
constexpr std::int64_t hidden_block_rows(std::int64_t positions, std::int64_t channels, std::int64_t hidden, int workers = 1) {
  constexpr std::int64_t half_a_cache = 128 * 1024;
  return even_block_rows<E>(positions, std::max(half_a_cache, 2 * channels * hidden) / hidden, workers);
}

template <Engine E, class Activation, class Rows, bool Gated>
class FeedForwardKernel {
 public:
  // Bound has fc1() and fc2(). `around`: what is in front of W1 and behind W2.
  template <class Bound>
  FeedForwardKernel(const Bound& layer, const Fold& around, Rows rows = {})
      : FeedForwardKernel(layer.fc1().weight(), layer.fc1().bias(), layer.fc2().weight(), layer.fc2().bias(),
                          Bound::input.fixed() ? Bound::input.positions() : 0, around, rows) {}

  // hidden: columns of W2.
  static constexpr std::size_t scratch_floats(std::int64_t positions, std::int64_t channels, std::int64_t hidden) {
    const Plan plan(positions, channels, hidden);
    if (plan.twice)
      return Rows::block_floats(positions, channels) + twice_floats(positions, channels) + twice_floats(positions, hidden) +
             std::max(StrassenTwice<E>::scratch_floats(positions, channels), StrassenTwice<E>::scratch_floats(positions, hidden));
    const std::int64_t block = hidden_block_rows<E>(positions, channels, hidden);
    const std::size_t plain = hidden_floats(block, hidden) + Rows::block_floats(block, channels);
    const std::size_t paired = (plan.straight ? 0 : hidden_floats(plan.block, hidden)) + Rows::block_floats(plan.block, channels) +
                               left_floats(plan.first, plan.block, channels) + left_floats(plan.second, plan.block, hidden) +
                               std::max(product_floats(plan.first, plan.block, channels), product_floats(plan.second, plan.block, hidden));
    return plan.paired() ? std::max(plain, paired) : plain;
  }

  // x: positions × channels. make_epilogue(first row) gives what takes the sums of the second product.
  template <class MakeEpilogue>
  void run(const float* x, std::ptrdiff_t positions, Scratch& scratch, const MakeEpilogue& make_epilogue) const {
    const std::ptrdiff_t channels = fc1_.inputs(), hidden = fc1_.outputs();
    if (plan_.twice) return run_twice(x, positions, scratch, make_epilogue(0));
    if (plan_.paired()) {
      for (std::ptrdiff_t first = 0; first < positions; first += plan_.block)
        run_paired(x + first * channels, std::min<std::ptrdiff_t>(plan_.block, positions - first), scratch, make_epilogue(first));
      return;
    }
    const std::ptrdiff_t block = hidden_block_rows<E>(positions, channels, hidden, scratch.workers());
    share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t rows, Scratch& own) {
      Scratch::Frame frame(own);
      float* const h = frame.take(hidden_floats(block, hidden));
      float* const buffer = frame.take(Rows::block_floats(block, channels));
      const float* const read = rows_.read(x + first * channels, rows, channels, buffer, own);
      feed(h,
           [&](const Panels<E>& weights, const auto& epilogue) { multiply_panels<E>(read, channels, {0, rows}, weights, epilogue, own); });
      multiply_panels<E>(h, hidden, {0, rows}, fc2_.weights(), make_epilogue(first), own);
    });
  }

  const float* bias2() const { return fc2_.bias(); }

 private:
  // positions: 0 if they are not known. One constructor for all shapes: packing takes long to compile.
  FeedForwardKernel(const Parameter& weight1, const Parameter& bias1, const Parameter& weight2, const Parameter& bias2,
                    std::int64_t positions, const Fold& around, Rows rows)
      : rows_(rows) {
    const std::ptrdiff_t channels = weight1.extent(1), hidden = weight2.extent(1);
    if (positions > 0) plan_ = Plan(positions, channels, hidden);
    const Fold before{around.before, around.shift, nullptr};
    const auto pack = [this](bool paired, std::ptrdiff_t apart) {
      return [=, twice = plan_.twice](std::ptrdiff_t columns, std::ptrdiff_t inner, const auto& element) {
        if (twice) return StrassenTwice<E>::pack(columns, inner, apart, element);
        return paired ? Strassen<E>::pack(columns, inner, apart, element) : PlainPanels<E>()(columns, inner, element);
      };
    };
    fc1_ = FoldedLinear<E>(weight1, bias1, 0, hidden, before, pack(plan_.first, plan_.apart));
    if constexpr (Gated) gate_ = FoldedLinear<E>(weight1, bias1, hidden, hidden, before, pack(plan_.first, plan_.apart));
    fc2_ = FoldedLinear<E>(weight2, bias2, {nullptr, nullptr, around.after}, pack(plan_.second, channels / (plan_.twice ? 4 : 2)));
  }

  // Which of the products are by Strassen's algorithm, where all sizes are known when weights are packed.
  struct Plan {
    constexpr Plan() = default;
    constexpr Plan(std::int64_t positions, std::int64_t channels, std::int64_t hidden) {
      // Whole pairs of register tiles.
      constexpr std::int64_t pair = 2 * RegisterTile<E>::rows;
      block = std::min((hidden_block_rows<E>(positions, channels, hidden) + pair - 1) / pair * pair, positions);
      const FeedForwardAlgorithms algorithms = choose_feed_forward<E>(positions, block, channels, hidden, Gated);
      if (algorithms.first == Algorithm::strassen_twice) {
        twice = true;
        apart = StrassenFourths<E>::inner(hidden);
        return;
      }
      first = algorithms.first == Algorithm::strassen;
      second = algorithms.second == Algorithm::strassen;
      straight = !Gated && first && second && StoreLeft<E, Activation>::fits(hidden);
      apart = straight ? StrassenHalves<E>::inner(hidden) : hidden / 2;
    }
    constexpr bool paired() const { return first || second; }

    bool twice = false;                                    // both by two levels, all rows at once, and straight
    std::int64_t block = 0;                                // rows
    bool first = false, second = false, straight = false;  // straight: from the one to the other, h is not stored
    std::int64_t apart = 0;                                // of the columns of the first that belong together
  };

  static constexpr std::size_t hidden_floats(std::int64_t rows, std::int64_t hidden) {
    return Scratch::rounded(static_cast<std::size_t>(rows * hidden));
  }
  static constexpr std::size_t product_floats(bool paired, std::int64_t rows, std::int64_t inner) {
    return paired ? Strassen<E>::scratch_floats(rows, inner) : 0;
  }
  static constexpr std::size_t left_floats(bool paired, std::int64_t rows, std::int64_t inner) {
    return paired ? Scratch::rounded(StrassenLeft<E>::floats(rows, inner)) : 0;
  }
  static constexpr std::size_t twice_floats(std::int64_t rows, std::int64_t inner) {
    return Scratch::rounded(StrassenTwiceLeft<E>::floats(rows, inner));
  }
  // h = the hidden activation. multiply(weights, epilogue) is a product with the rows that were read.
  template <class Multiply>
  void feed(float* h, const Multiply& multiply) const {
    const std::ptrdiff_t hidden = fc1_.outputs();
    if constexpr (Gated) {
      multiply(gate_.weights(), StoreBias<E, Activation>{h, hidden, gate_.bias()});
      multiply(fc1_.weights(), MultiplyInto<E, NoActivation>{h, hidden, fc1_.bias()});
    } else {
      multiply(fc1_.weights(), StoreBias<E, Activation>{h, hidden, fc1_.bias()});
    }
  }

  // One block by Strassen's algorithm, whose sums pair rows of its halves: the workers share the pairs, so that the bits do not depend on
  // their number, and each takes its rows through both products.
  template <class Epilogue>
  void run_paired(const float* x, std::ptrdiff_t rows, Scratch& scratch, const Epilogue& epilogue) const {
    using Left = StrassenLeft<E>;
    const std::ptrdiff_t channels = fc1_.inputs(), hidden = fc1_.outputs();
    Scratch::Frame frame(scratch);
    float* const h = plan_.straight ? nullptr : frame.take(hidden_floats(rows, hidden));
    float* const buffer = frame.take(Rows::block_floats(rows, channels));
    Strassen<E>::share(rows, scratch, [&](const auto& part, Scratch& own) {
      Scratch::Frame inner(own);
      const float* read = x;
      part.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) {
        read = rows_.read(x + first * channels, count, channels, buffer + first * channels, own) - first * channels;
      });
      const Left left1(part, channels, inner.take(left_floats(plan_.first, rows, channels)));
      const Left left2(part, hidden, inner.take(left_floats(plan_.second, rows, hidden)));
      const auto plainly = [&](const float* from, const Panels<E>& weights, const auto& take) {
        part.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) {
          multiply_panels<E>(from, weights.inner(), {first, count}, weights, take, own);
        });
      };
      if (plan_.first) left1.make(read);
      if (plan_.straight) {
        Strassen<E>::multiply(left1, fc1_.weights(), plan_.apart, StoreLeft<E, Activation>{left2, fc1_.bias()}, own);
      } else {
        feed(h, [&](const Panels<E>& weights, const auto& take) {
          if (plan_.first) return Strassen<E>::multiply(left1, weights, plan_.apart, take, own);
          plainly(read, weights, take);
        });
        if (plan_.second) left2.make(h);
      }
      if (plan_.second) return Strassen<E>::multiply(left2, fc2_.weights(), channels / 2, epilogue, own);
      plainly(h, fc2_.weights(), epilogue);
    });
  }

  // By two levels of the algorithm: the workers share the rows in front of the products, and their columns.
  template <class Epilogue>
  void run_twice(const float* x, std::ptrdiff_t rows, Scratch& scratch, const Epilogue& epilogue) const {
    using Left = StrassenTwiceLeft<E>;
    const std::ptrdiff_t channels = fc1_.inputs(), hidden = fc1_.outputs();
    Scratch::Frame frame(scratch);
    float* const buffer = frame.take(Rows::block_floats(rows, channels));
    const Left left1(rows, channels, frame.take(twice_floats(rows, channels)));
    const Left left2(rows, hidden, frame.take(twice_floats(rows, hidden)));
    scratch.split(left1.fourth(), 1, [&](std::ptrdiff_t begin, std::ptrdiff_t size, Scratch& own) {
      const float* read = x;
      left1.for_rows(begin, size, [&](std::ptrdiff_t first, std::ptrdiff_t count) {
        read = rows_.read(x + first * channels, count, channels, buffer + first * channels, own) - first * channels;
      });
      left1.make(read, begin, size);
    });
    StrassenTwice<E>::multiply(left1, fc1_.weights(), plan_.apart, StoreTwiceLeft<E, Activation>{left2, fc1_.bias()}, scratch);
    StrassenTwice<E>::multiply(left2, fc2_.weights(), channels / 4, epilogue, scratch);
  }

  [[no_unique_address]] Rows rows_;
  Plan plan_;
  FoldedLinear<E> fc1_, gate_, fc2_;
};

}  // namespace tessera::detail
