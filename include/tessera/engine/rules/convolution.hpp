// SPDX-License-Identifier: MIT
#pragma once

// Convolution, with what follows it folded into its weights (exact in real arithmetic) or done while its sums are in cache:
//
//     Convolution                        y = W∗x + b
//     Convolution → BatchNorm            W' = diag(s)·W    b' = s·b + t        s = w / √(var + ε)    t = bias - s·mean
//     Convolution → Relu                 max(0, ·) in the epilogue
//     Convolution → BatchNorm → Relu     both
//
// 3×3 with stride 1 by Winograd's algorithm where it pays, everything else as a product of gathered windows.

#include <cmath>
#include <limits>
#include <vector>

#include "tessera/engine/fused_program.hpp"
#include "tessera/engine/packed/activation.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/int8/convolution.hpp"
#include "tessera/kernels/winograd.hpp"
#include "tessera/layers/activation.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/convolution.hpp"

namespace tessera::detail {

// Factor and summand of each channel after a convolution.
struct ChannelFold {
  std::vector<double> scale, shift;

  template <class Convolution>
  explicit ChannelFold(const Convolution& layer)
      : scale(static_cast<std::size_t>(layer.weight().extent(0)), 1.0), shift(static_cast<std::size_t>(layer.weight().extent(0)), 0.0) {
    if (layer.bias().data() != nullptr) std::copy_n(layer.bias().data(), shift.size(), shift.begin());
  }
  template <class Convolution, class Norm>
  ChannelFold(const Convolution& layer, const Norm& norm) : ChannelFold(layer) {
    const auto value = [](const Parameter& p, std::size_t k) { return static_cast<double>(p.data()[k]); };
    for (std::size_t k = 0; k < scale.size(); ++k) {
      scale[k] = value(norm.weight(), k) / std::sqrt(value(norm.variance(), k) + static_cast<double>(BatchNorm::epsilon));
      shift[k] = scale[k] * (shift[k] - value(norm.mean(), k)) + value(norm.bias(), k);
    }
  }
};

template <Engine E, class Spec, class Bound, class Activation>
class ConvolutionStep;

// As a product of gathered windows.
template <Engine E, int Channels, int Kernel, int Stride, int Padding, Bias WithBias, class Bound, class Activation>
class ConvolutionStep<E, Convolution<Channels, Kernel, Stride, Padding, WithBias>, Bound, Activation> {
  static constexpr ConvolutionGeometry geometry{Kernel, Stride, Padding};
  static constexpr int inputs = Bound::input.channels;
  static constexpr bool int8 = choose_convolution<E>(geometry, Bound::input, Bound::output) == Algorithm::int8;

 public:
  ConvolutionStep(const Bound& layer, const ChannelFold& fold)
      : weights_(WeightMatrix{.data = layer.weight().data(),
                              .columns = Channels,
                              .inner = Kernel * Kernel * inputs,
                              .taps = Kernel * Kernel,
                              .scale = fold.scale.data()}),
        bias_(padded_vector<E>(Channels, [&](std::ptrdiff_t k) { return static_cast<float>(fold.shift[static_cast<std::size_t>(k)]); })) {}

  static constexpr Shape output_shape(Shape in) { return detail::output_shape<Bound>(in); }
  static constexpr std::size_t scratch_floats(Shape in) {
    return int8 ? convolve_int8_floats<E>(in, output_shape(in), geometry) : convolve_floats<E>(in, output_shape(in), geometry);
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    convolve<E>(flow.x(), flow.shape(), out, geometry, weights_, scratch, epilogue(flow.next(), Combine::store));
    flow.advance(out);
  }

  // y += the output; y does not overlap what flows in.
  void add(const Flow& flow, float* y, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    convolve<E>(flow.x(), flow.shape(), out, geometry, weights_, scratch, epilogue(y, Combine::add));
  }

 private:
  Epilogue epilogue(float* y, Combine combine) const {
    return {.y = y,
            .stride = Channels,
            .bias_of = BiasOf::channel,
            .bias = bias_.data(),
            .activation = activation_of<E, Activation>(),
            .combine = combine};
  }

  std::conditional_t<int8, Int8Panels<E>, Panels<E>> weights_;
  Buffer bias_;
};

// By Winograd's algorithm.
template <Engine E, int Channels, int Kernel, int Stride, int Padding, Bias WithBias, class Bound, class Activation>
  requires(choose_convolution<E>({Kernel, Stride, Padding}, Bound::input, Bound::output) == Algorithm::winograd)
class ConvolutionStep<E, Convolution<Channels, Kernel, Stride, Padding, WithBias>, Bound, Activation> {
 public:
  ConvolutionStep(const Bound& layer, const ChannelFold& fold)
      : winograd_(Channels, Bound::input.channels, layer.weight().data(), fold.scale.data()),
        bias_(padded_vector<E>(Channels, [&](std::ptrdiff_t k) { return static_cast<float>(fold.shift[static_cast<std::size_t>(k)]); })) {}

  static constexpr Shape output_shape(Shape in) { return Bound::output_shape(in); }
  static constexpr std::size_t scratch_floats(Shape in) { return Winograd<E>::scratch_floats(in, output_shape(in)); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape out = output_shape(flow.shape());
    winograd_.run(flow.x(), flow.shape(), Padding, bias_.data(), least, flow.next(), out, scratch);
    flow.advance(out);
  }

  // Rows [first, first + count) of the output's, where row 0 would be at y: a whole number of block_rows, or those that are left.
  void run_rows(const Flow& flow, float* y, int first, int count, Scratch& scratch) const {
    const Shape in = flow.shape();
    winograd_.run_rows(flow.x(), in, Padding, bias_.data(), least, y, output_shape(in), first, count, scratch);
  }
  static constexpr int block_rows(Shape in, int workers = 1) { return Winograd<E>::block_rows(in.channels, output_shape(in), workers); }

 private:
  static_assert(std::same_as<Activation, NoActivation> || std::same_as<Activation, ReluKernel>);
  static constexpr float least = std::same_as<Activation, ReluKernel> ? 0.0F : -std::numeric_limits<float>::infinity();

  Winograd<E> winograd_;
  Buffer bias_;
};

template <class L>
inline constexpr bool is_convolution = false;
template <int Channels, int Kernel, int Stride, int Padding, Bias WithBias>
inline constexpr bool is_convolution<Convolution<Channels, Kernel, Stride, Padding, WithBias>> = true;

template <Engine E, int Channels, int Kernel, int Stride, int Padding, Bias WithBias, class Original, class Bound>
class Lowered<E, Convolution<Channels, Kernel, Stride, Padding, WithBias>, Original, Bound>
    : public ConvolutionStep<E, Convolution<Channels, Kernel, Stride, Padding, WithBias>, Bound, NoActivation> {
 public:
  explicit Lowered(const Bound& layer) : Lowered::ConvolutionStep(layer, ChannelFold(layer)) {}
};

template <Engine E, Shape In, class Conv, class Norm, class Act, class... Rest>
  requires(is_convolution<Unnamed<Conv>> && std::same_as<Unnamed<Norm>, BatchNorm> && std::same_as<Unnamed<Act>, Relu>)
class Program<E, In, Conv, Norm, Act, Rest...>
    : public FusedProgram<E, Chain<In, Conv, Norm, Act>, Act, ConvolutionStep<E, Unnamed<Conv>, typename Conv::template At<In>, ReluKernel>,
                          Rest...> {
 public:
  explicit Program(const Chain<In, Conv, Norm, Act, Rest...>& members)
      : Program::FusedProgram({members.head, ChannelFold(members.head, members.tail.head)}, members.tail.tail.tail) {}
};

template <Engine E, Shape In, class Conv, class Norm, class... Rest>
  requires(is_convolution<Unnamed<Conv>> && std::same_as<Unnamed<Norm>, BatchNorm>)
class Program<E, In, Conv, Norm, Rest...>
    : public FusedProgram<E, Chain<In, Conv, Norm>, Norm, ConvolutionStep<E, Unnamed<Conv>, typename Conv::template At<In>, NoActivation>,
                          Rest...> {
 public:
  explicit Program(const Chain<In, Conv, Norm, Rest...>& members)
      : Program::FusedProgram({members.head, ChannelFold(members.head, members.tail.head)}, members.tail.tail) {}
};

template <Engine E, Shape In, class Conv, class Act, class... Rest>
  requires(is_convolution<Unnamed<Conv>> && std::same_as<Unnamed<Act>, Relu>)
class Program<E, In, Conv, Act, Rest...>
    : public FusedProgram<E, Chain<In, Conv, Act>, Act, ConvolutionStep<E, Unnamed<Conv>, typename Conv::template At<In>, ReluKernel>,
                          Rest...> {
 public:
  explicit Program(const Chain<In, Conv, Act, Rest...>& members)
      : Program::FusedProgram({members.head, ChannelFold(members.head)}, members.tail.tail) {}
};

}  // namespace tessera::detail
