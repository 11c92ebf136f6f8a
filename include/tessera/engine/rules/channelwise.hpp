// SPDX-License-Identifier: MIT
#pragma once

// Layers on single values or channels where no neighbour takes them in, in place, and the mean over positions:
//
//     Gelu, GeluTanh, Relu, Silu        y = act(x)
//     Affine                            y = alpha ⊙ x + beta
//     LayerScale                        y = gamma ⊙ x
//     BatchNorm                         y = s ⊙ x + t        s = w / √(var + ε)    t = b - s ⊙ mean
//     MeanPool                          y = 1/N Σ_n x[n,:]

#include <cmath>
#include <concepts>

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/channelwise.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/mean_pool.hpp"

namespace tessera::detail {

template <class L>
concept LoneActivation = requires { typename ActivationKernelOf<L>::type; };

template <Engine E, LoneActivation L, class Original, class Bound>
class Lowered<E, L, Original, Bound> {
 public:
  explicit Lowered(const Bound&) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    float* const x = flow.in_place();
    activate<E, ActivationKernel<L>>(x, flow.shape().size(), x, scratch);
  }
};

// Factor and summand of each channel.
template <Engine E>
class ChannelStep {
 public:
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    float* const x = flow.in_place();
    scale_channels<E>(x, flow.shape().positions(), flow.shape().channels, scale_.data(), shift_.data(), x, scratch);
  }

 protected:
  ChannelStep(Buffer scale, Buffer shift) : scale_(std::move(scale)), shift_(std::move(shift)) {}

 private:
  Buffer scale_, shift_;
};

template <Engine E, class Original, class Bound>
class Lowered<E, Affine, Original, Bound> : public ChannelStep<E> {
 public:
  explicit Lowered(const Bound& layer) : ChannelStep<E>(padded_copy<E>(layer.alpha()), padded_copy<E>(layer.beta())) {}
};

template <Engine E, class Original, class Bound>
class Lowered<E, LayerScale, Original, Bound> : public ChannelStep<E> {
 public:
  explicit Lowered(const Bound& layer) : ChannelStep<E>(padded_copy<E>(layer.gamma()), padded_zeros<E>(Bound::input.channels)) {}
};

template <Engine E, class Original, class Bound>
class Lowered<E, BatchNorm, Original, Bound> : public ChannelStep<E> {
  static double value(const Parameter& p, std::ptrdiff_t c) { return static_cast<double>(p.data()[c]); }
  static double scale(const Bound& layer, std::ptrdiff_t c) {
    return value(layer.weight(), c) / std::sqrt(value(layer.variance(), c) + static_cast<double>(BatchNorm::epsilon));
  }

 public:
  explicit Lowered(const Bound& layer)
      : ChannelStep<E>(padded_vector<E>(Bound::input.channels, [&](std::ptrdiff_t c) { return static_cast<float>(scale(layer, c)); }),
                       padded_vector<E>(Bound::input.channels, [&](std::ptrdiff_t c) {
                         return static_cast<float>(value(layer.bias(), c) - scale(layer, c) * value(layer.mean(), c));
                       })) {}
};

template <Engine E, class Original, class Bound>
class Lowered<E, MeanPool, Original, Bound> {
 public:
  explicit Lowered(const Bound&) {}
  static constexpr Shape output_shape(Shape in) { return {1, 1, in.channels}; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }
  void run(Flow& flow, Scratch& scratch) const {
    mean_of_rows<E>(flow.x(), flow.shape().positions(), flow.shape().channels, flow.next(), scratch);
    flow.advance(output_shape(flow.shape()));
  }
};

}  // namespace tessera::detail
