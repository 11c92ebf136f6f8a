// SPDX-License-Identifier: MIT
#pragma once

// Two packed products and the activation between them, over blocks of positions, so that the wider hidden activation of a block stays in
// the second-level cache:
//
//     h = act(W1 x + b1)                   y gets W2 h
//     h = (W1u x + b1u) ⊙ act(W1v x + b1v)                        gated: W1u and W1v are the two halves of W1

#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/feed_forward_plan.hpp"
#include "tessera/engine/packed/folded_linear.hpp"
#include "tessera/engine/packed/int8/feed_forward.hpp"
#include "tessera/engine/packed/row_source.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen/strassen.hpp"

namespace tessera::detail {

template <Isa I, FeedForwardKind Kind, class Function, class Rows>
class PackedFeedForward {
  static constexpr bool strassen = Kind.strassen();
  // Strips that the rows of a block are cut into: 1, 2 or 4.
  static constexpr int strips = 1 << std::max(Kind.first, Kind.second);

 public:
  // `around`: what is before W1 and after W2. Of a gated one, weight1 and bias1 have both halves.
  PackedFeedForward(const Parameter& weight1, const Parameter& bias1, const Parameter& weight2, const Parameter& bias2, const Fold& around,
                    const Rows& rows, const FeedForwardPlan& plan)
      : rows_(rows), block_(plan.block), apart_(plan.apart) {
    const auto channels = static_cast<std::ptrdiff_t>(weight1.extent(1)), hidden = static_cast<std::ptrdiff_t>(weight2.extent(1));
    const Fold before{around.before, around.shift, nullptr};
    fc1_ = {weight1, bias1, 0, hidden, before, apart_};
    if constexpr (Kind.gated) gate_ = {weight1, bias1, hidden, hidden, before, apart_};
    fc2_ = {weight2, bias2, {nullptr, nullptr, around.after}, channels / (1 << Kind.second)};
  }

  // hidden: columns of W2.
  static constexpr std::size_t scratch_floats(const FeedForwardPlan& plan, std::int64_t positions, std::int64_t channels,
                                              std::int64_t hidden) {
    const std::int64_t block = strassen ? plan.block : hidden_block_rows<I>(positions, channels, hidden);
    return Rows::block_floats(block, channels) + (Kind.straight ? 0 : Scratch::rounded(static_cast<std::size_t>(block * hidden))) +
           left_floats<Kind.first>(block, channels) + left_floats<Kind.second>(block, hidden) +
           std::max(product_floats<Kind.first>(block, channels), product_floats<Kind.second>(block, hidden));
  }

  // x: positions × channels. The epilogue takes the sums of the second product.
  void run(const float* x, std::ptrdiff_t positions, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t channels = fc1_.inputs(), hidden = fc1_.outputs();
    if constexpr (!strassen) {
      const auto block = static_cast<std::ptrdiff_t>(hidden_block_rows<I>(positions, channels, hidden, scratch.workers()));
      share_blocks(positions, block, scratch, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
        run_rows(x + first * channels, {count, count, 0, count}, epilogue.from_row(first), own);
      });
    } else {
      // The sums of Strassen's algorithm belong to rows of all strips of a block, so that the bits do not depend on the number of workers.
      // By one level, each worker takes rows of every strip through both products. By two, all workers share each product.
      for (std::ptrdiff_t first = 0; first < positions; first += block_) {
        const std::ptrdiff_t count = std::min(block_, positions - first), strip = (count + strips - 1) / strips;
        const float* const from = x + first * channels;
        const Epilogue take = epilogue.from_row(first);
        if constexpr (strips == 4) {
          run_rows(from, {count, strip, 0, strip}, take, scratch);
        } else {
          scratch.split(
              strip, RegisterTile<I>::rows,
              [&](std::ptrdiff_t begin, std::ptrdiff_t size, Scratch& own) {
                run_rows(from, {count, strip, begin, begin + size}, take, own);
              },
              1);
        }
      }
    }
  }

  const float* bias2() const { return fc2_.bias(); }

 private:
  template <int Levels>
  static constexpr std::size_t left_floats(std::int64_t rows, std::int64_t inner) {
    if constexpr (Levels == 0)
      return 0;
    else
      return Scratch::rounded(StrassenLeft<I, Levels>::floats(rows, inner));
  }
  template <int Levels>
  static constexpr std::size_t product_floats(std::int64_t rows, std::int64_t inner) {
    if constexpr (Levels == 0)
      return 0;
    else
      return Strassen<I, Levels>::scratch_floats(rows, inner);
  }

  // Takes some rows of a block through both products.
  void run_rows(const float* x, const StripRows& rows, const Epilogue& epilogue, Scratch& scratch) const {
    const std::ptrdiff_t channels = fc1_.inputs(), hidden = fc1_.outputs();
    Scratch::Frame frame(scratch);
    float* const buffer = frame.take(Rows::block_floats(rows.rows, channels));
    const auto read = [&](const StripRows& some, Scratch& own) {
      const float* from = x;
      some.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) { from = rows_.read(x, first, count, channels, buffer, own); });
      return from;
    };
    if constexpr (Kind.straight) {
      using Left = StrassenLeft<I, Kind.first>;
      const Left left1(rows, channels, frame.take(left_floats<Kind.first>(rows.rows, channels)));
      const Left left2(rows, hidden, frame.take(left_floats<Kind.first>(rows.rows, hidden)));
      scratch.split(rows.count(), 1, [&](std::ptrdiff_t begin, std::ptrdiff_t size, Scratch& own) {
        const StripRows some = rows.part(begin, size);
        left1.make(read(some, own), some);
      });
      const StoreLeft<I, Kind.first, Function> store{left2, fc1_.bias()};
      Strassen<I, Kind.first>::multiply(left1, fc1_.weights(), apart_, store, scratch);
      Strassen<I, Kind.first>::multiply(left2, fc2_.weights(), channels / strips, epilogue, scratch);
    } else {
      float* const h = frame.take(static_cast<std::size_t>(rows.rows * hidden));
      const Epilogue activated{
          .y = h, .stride = hidden, .bias_of = BiasOf::channel, .bias = fc1_.bias(), .activation = activation_of<I, Function>()};
      // A product's left operand, made once, and its products.
      const auto with_operand = [&]<int Levels>(std::integral_constant<int, Levels>, const float* from, std::ptrdiff_t inner,
                                                const auto& use) {
        if constexpr (Levels > 0) {
          const StrassenLeft<I, Levels> left(rows, inner, frame.take(left_floats<Levels>(rows.rows, inner)));
          left.make(from, rows);
          use([&](const Panels<I>& weights, std::ptrdiff_t apart, const Epilogue& take) {
            Strassen<I, Levels>::multiply(left, weights, apart, take, scratch);
          });
        } else {
          use([&](const Panels<I>& weights, std::ptrdiff_t, const Epilogue& take) {
            rows.for_rows([&](std::ptrdiff_t first, std::ptrdiff_t count) {
              multiply_panels<I>(from, inner, {first, count}, weights, take, scratch);
            });
          });
        }
      };
      with_operand(std::integral_constant<int, Kind.first>{}, read(rows, scratch), channels, [&](const auto& multiply) {
        if constexpr (Kind.gated) {
          Epilogue act = activated, gate = activated;
          act.bias = gate_.bias();
          gate.activation = {};
          gate.combine = Combine::multiply;
          multiply(gate_.weights(), apart_, act);
          multiply(fc1_.weights(), apart_, gate);
        } else {
          multiply(fc1_.weights(), apart_, activated);
        }
      });
      with_operand(std::integral_constant<int, Kind.second>{}, h, hidden,
                   [&](const auto& multiply) { multiply(fc2_.weights(), channels / 2, epilogue); });
    }
  }

  struct Nothing {};

  [[no_unique_address]] Rows rows_;
  std::ptrdiff_t block_, apart_;
  FoldedLinear<I, Kind.first> fc1_;
  [[no_unique_address]] std::conditional_t<Kind.gated, FoldedLinear<I, Kind.first>, Nothing> gate_;
  FoldedLinear<I, Kind.second> fc2_;
};

// The same for a layer that is bound to the shape In. Hidden: columns of W2. Normalised: the rows of x are brought to mean 0 and variance 1
// on the way.
template <Engine E, Shape In, int Hidden, bool Gated>
inline constexpr FeedForwardPlan feed_forward_plan = plan_feed_forward<E>(In.fixed() ? In.positions() : 0, In.channels, Hidden, Gated);
template <bool Normalised, Isa I>
using FeedForwardRows = std::conditional_t<Normalised, NormalisedRows<I>, RowsAsTheyAre>;

template <Engine E, Shape In, int Hidden, class Layer, bool Normalised, bool Gated>
class FeedForwardKernel
    : public PackedFeedForward<E, feed_forward_plan<E, In, Hidden, Gated>.kind, ActivationKernel<Layer>, FeedForwardRows<Normalised, E>> {
  static constexpr FeedForwardPlan plan = feed_forward_plan<E, In, Hidden, Gated>;
  using Packed = PackedFeedForward<E, plan.kind, ActivationKernel<Layer>, FeedForwardRows<Normalised, E>>;

  static FeedForwardRows<Normalised, E> rows(float epsilon) {
    if constexpr (Normalised)
      return {{epsilon, nullptr, nullptr}};
    else
      return {};
  }

 public:
  // Bound has fc1() and fc2(). epsilon: of the norm.
  template <class Bound>
  FeedForwardKernel(const Bound& layer, const Fold& around, float epsilon = 0)
      : Packed(layer.fc1().weight(), layer.fc1().bias(), layer.fc2().weight(), layer.fc2().bias(), around, rows(epsilon), plan) {}

  static constexpr std::size_t scratch_floats(Shape in) { return Packed::scratch_floats(plan, in.positions(), in.channels, Hidden); }
};

}  // namespace tessera::detail
