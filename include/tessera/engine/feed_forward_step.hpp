// SPDX-License-Identifier: MIT
#pragma once

// Feed-forward over channels, with what surrounds it folded into its weights (exact in real arithmetic):
//
//     FeedForward                                  y  = W2 act(W1 x + b1) + b2
//     Residual<FeedForward>                        x += the same
//     Residual<Affine, FeedForward, LayerScale>    W1' = W1·diag(alpha), b1' = b1 + W1·beta, W2' = diag(gamma)·W2, b2' = gamma·b2
//     Residual<LayerNorm, FeedForward>             the norm's scale and shift as alpha and beta; rows are normalised block by block
//     Residual<LayerNorm, FeedForward, LayerScale>
//
// It runs over blocks of positions, so that the wider hidden activation of a block stays in the second-level cache.

#include "tessera/engine/activation_kernel.hpp"
#include "tessera/engine/lowered.hpp"
#include "tessera/kernels/epilogues.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/layer_norm.hpp"

namespace tessera::detail {

// The rows that a product reads: as they are, or each brought to mean 0 and variance 1 in a buffer for one block.
struct PlainRows {
  static constexpr std::size_t block_floats(std::int64_t, std::int64_t) { return 0; }
  const float* read(const float* x, std::ptrdiff_t, std::ptrdiff_t, float*) const { return x; }
};
template <int Lanes>
struct NormalisedRows {
  float epsilon;
  static constexpr std::size_t block_floats(std::int64_t rows, std::int64_t channels) {
    return Scratch::rounded(static_cast<std::size_t>(rows * channels));
  }
  const float* read(const float* x, std::ptrdiff_t rows, std::ptrdiff_t channels, float* block) const {
    normalise_rows<Lanes>(x, channels, rows, channels, {epsilon, nullptr, nullptr}, block, channels);
    return block;
  }
};

// Two packed products and the activation between them, with the factors and shifts around the weights folded in.
template <int Lanes, class Activation, class Rows>
class FeedForwardKernel {
 public:
  // input_scale, input_shift: per channel in front of W1; output_scale: per channel behind W2. Null pointers stand for 1, 0 and 1.
  template <class Bound>
  FeedForwardKernel(const Bound& layer, const float* input_scale, const float* input_shift, const float* output_scale, Rows rows = {}) : rows_(rows) {
    const float* const w1 = layer.fc1().weight().data();
    const float* const w2 = layer.fc2().weight().data();
    const std::ptrdiff_t channels = layer.fc1().weight().extent(1), hidden = layer.fc1().weight().extent(0);
    const auto or_one = [](const float* factor, std::ptrdiff_t c) { return factor == nullptr ? 1.0F : factor[c]; };

    fc1_ = Panels<Lanes>(hidden, channels, [&](std::ptrdiff_t d, std::ptrdiff_t c) { return w1[d * channels + c] * or_one(input_scale, c); });
    bias1_ = padded_vector<Lanes>(hidden, [&](std::ptrdiff_t d) {
      double sum = layer.fc1().bias().data()[d];
      for (std::ptrdiff_t c = 0; input_shift != nullptr && c < channels; ++c) sum += double{w1[d * channels + c]} * input_shift[c];
      return static_cast<float>(sum);
    });
    fc2_ = Panels<Lanes>(channels, hidden, [&](std::ptrdiff_t c, std::ptrdiff_t d) { return w2[c * hidden + d] * or_one(output_scale, c); });
    bias2_ = padded_vector<Lanes>(channels, [&](std::ptrdiff_t c) { return layer.fc2().bias().data()[c] * or_one(output_scale, c); });
  }

  static constexpr std::size_t scratch_floats(std::int64_t positions, std::int64_t channels, std::int64_t hidden) {
    const std::int64_t block = block_rows(positions, hidden);
    return Scratch::rounded(static_cast<std::size_t>(block * hidden)) + Rows::block_floats(block, channels);
  }

  // x: positions × channels. make_epilogue(first row) gives what takes the sums of the second product.
  template <class MakeEpilogue>
  void run(const float* x, std::ptrdiff_t positions, Scratch& scratch, const MakeEpilogue& make_epilogue) const {
    const std::ptrdiff_t channels = fc1_.inner(), hidden = fc1_.columns();
    const std::ptrdiff_t block = block_rows(positions, hidden);
    Scratch::Frame frame(scratch);
    float* const h = frame.take(static_cast<std::size_t>(block * hidden));
    float* const read = frame.take(Rows::block_floats(block, channels));
    for (std::ptrdiff_t first = 0; first < positions; first += block) {
      const std::ptrdiff_t rows = std::min(block, positions - first);
      multiply_panels<Lanes>(rows_.read(x + first * channels, rows, channels, read), channels, rows, fc1_,
                             StoreBias<Lanes, Activation>{h, hidden, bias1_.data()});
      multiply_panels<Lanes>(h, hidden, rows, fc2_, make_epilogue(first));
    }
  }

  const float* bias2() const { return bias2_.data(); }

 private:
  // Hidden activations of one block, in floats: half of a 1 MiB second-level cache.
  static constexpr std::int64_t block_floats = 128 * 1024;

  // Rows of a block: whole register tiles, blocks of nearly equal size.
  static constexpr std::int64_t block_rows(std::int64_t positions, std::int64_t hidden) {
    constexpr std::int64_t tile = RegisterTile<Lanes>::rows;
    const std::int64_t most = std::max(block_floats / hidden / tile * tile, tile);
    const std::int64_t blocks = (positions + most - 1) / most;
    const std::int64_t even = (positions + blocks - 1) / blocks;
    return std::min((even + tile - 1) / tile * tile, positions);
  }

  [[no_unique_address]] Rows rows_;
  Panels<Lanes> fc1_, fc2_;
  Buffer bias1_, bias2_;
};

// Stores or adds, at the end of the block.
template <int Lanes, int Hidden, class Activation, class Bound, class Rows = PlainRows>
class FeedForwardStep {
 public:
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) { return Kernel::scratch_floats(in.positions(), in.channels, Hidden); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

 protected:
  using Kernel = FeedForwardKernel<Lanes, ActivationKernel<Activation>, Rows>;
  explicit FeedForwardStep(Kernel kernel) : kernel_(std::move(kernel)) {}

  void store(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    kernel_.run(flow.x(), shape.positions(), scratch, [&](std::ptrdiff_t first) {
      return StoreBias<Lanes, NoActivation>{flow.next() + first * shape.channels, shape.channels, kernel_.bias2()};
    });
    flow.advance(shape);
  }
  void add(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    float* const x = flow.in_place();
    kernel_.run(x, shape.positions(), scratch, [&](std::ptrdiff_t first) {
      return AddBias<Lanes>{x + first * shape.channels, shape.channels, kernel_.bias2()};
    });
  }

 private:
  Kernel kernel_;
};

template <int Lanes, int Hidden, class Activation, class Original, class Bound>
class Lowered<Lanes, FeedForward<Hidden, Activation>, Original, Bound> : public FeedForwardStep<Lanes, Hidden, Activation, Bound> {
  using Base = FeedForwardStep<Lanes, Hidden, Activation, Bound>;

 public:
  explicit Lowered(const Bound& layer) : Base({layer, nullptr, nullptr, nullptr}) {}
  void run(Flow& flow, Scratch& scratch) const { this->store(flow, scratch); }
};

template <int Lanes, int Hidden, class Activation, class Original, class Bound>
class Lowered<Lanes, Residual<FeedForward<Hidden, Activation>>, Original, Bound> : public FeedForwardStep<Lanes, Hidden, Activation, Bound> {
  using Base = FeedForwardStep<Lanes, Hidden, Activation, Bound>;

 public:
  explicit Lowered(const Bound& layer) : Base({layer.branch().members().head, nullptr, nullptr, nullptr}) {}
  void run(Flow& flow, Scratch& scratch) const { this->add(flow, scratch); }
};

template <int Lanes, int Hidden, class Activation, class Original, class Bound>
class Lowered<Lanes, Residual<Affine, FeedForward<Hidden, Activation>, LayerScale>, Original, Bound>
    : public FeedForwardStep<Lanes, Hidden, Activation, Bound> {
  using Base = FeedForwardStep<Lanes, Hidden, Activation, Bound>;

 public:
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members()) {}
  void run(Flow& flow, Scratch& scratch) const { this->add(flow, scratch); }

 private:
  using Members = typename Bound::Branch::Members;
  explicit Lowered(const Members& members)
      : Base({members.tail.head, members.head.alpha().data(), members.head.beta().data(), members.tail.tail.head.gamma().data()}) {}
};

template <int Lanes, Real Epsilon, int Hidden, class Activation, class... Scale, class Original, class Bound>
  requires(sizeof...(Scale) == 0 || (sizeof...(Scale) == 1 && (std::same_as<Scale, LayerScale> && ...)))
class Lowered<Lanes, Residual<LayerNorm<Epsilon>, FeedForward<Hidden, Activation>, Scale...>, Original, Bound>
    : public FeedForwardStep<Lanes, Hidden, Activation, Bound, NormalisedRows<Lanes>> {
  using Base = FeedForwardStep<Lanes, Hidden, Activation, Bound, NormalisedRows<Lanes>>;

 public:
  explicit Lowered(const Bound& layer) : Lowered(layer.branch().members()) {}
  void run(Flow& flow, Scratch& scratch) const { this->add(flow, scratch); }

 private:
  using Members = typename Bound::Branch::Members;
  static const float* output_scale(const Members& members) {
    if constexpr (sizeof...(Scale) == 1) return members.tail.tail.head.gamma().data();
    return nullptr;
  }
  explicit Lowered(const Members& members)
      : Base({members.tail.head, members.head.weight().data(), members.head.bias().data(), output_scale(members), {Members::Head::epsilon}}) {}
};

}  // namespace tessera::detail
