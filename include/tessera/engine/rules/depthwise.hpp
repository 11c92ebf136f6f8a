// SPDX-License-Identifier: MIT
#pragma once

// Depthwise 3×3 convolutions:
//
//     DepthwiseConvolution                    y = W∗x + b
//     LayerNorm → DepthwiseConvolution        y = W∗LN(x) + b        ConvMLP's connection in space
//
// Behind a norm the map has a border of zeros, not of the norm's shift, which therefore does not fold. So rows are normalised one ahead
// of their use, and three of them are kept. Each worker has a band of rows; those next to another band are normalised by both.

#include "tessera/engine/fused_program.hpp"
#include "tessera/engine/packed/depthwise.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/layer_norm.hpp"

namespace tessera::detail {

template <Engine E, Bias WithBias, class Original, class Bound>
class Lowered<E, DepthwiseConvolution<3, WithBias>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer) : kernel_(layer) {}

  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    kernel_.run(flow.x(), flow.shape(), flow.next(), scratch);
    flow.advance(flow.shape());
  }

 private:
  DepthwiseKernel<E> kernel_;
};

template <Engine E>
class NormedDepthwiseStep {
 public:
  template <class Norm, class Bound>
  NormedDepthwiseStep(const Norm& norm, const Bound& layer)
      : kernel_(layer),
        epsilon_(Norm::epsilon),
        weight_(padded_vector<E>(Norm::input.channels, [&](std::ptrdiff_t c) { return norm.weight().data()[c]; })),
        bias_(padded_vector<E>(Norm::input.channels, [&](std::ptrdiff_t c) { return norm.bias().data()[c]; })) {}

  static constexpr std::size_t scratch_floats(Shape in) { return 3 * Scratch::rounded({1, in.width, in.channels}); }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape shape = flow.shape();
    const std::ptrdiff_t row = std::ptrdiff_t{shape.width} * shape.channels;
    const NormWeights norm{epsilon_, weight_.data(), bias_.data()};
    const int band = (shape.height + scratch.workers() - 1) / scratch.workers();
    scratch.split(shape.height, band, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      Scratch::Frame frame(own);
      float* normed[3];
      for (float*& floats : normed) floats = frame.take(static_cast<std::size_t>(row));
      const auto inside = [&](std::ptrdiff_t i) { return i >= 0 && i < shape.height; };
      const auto normed_row = [&](std::ptrdiff_t i) { return inside(i) ? normed[i % 3] : nullptr; };
      const auto normalise = [&](std::ptrdiff_t i) {
        if (inside(i))
          normalise_rows<E>(flow.x() + i * row, shape.channels, shape.width, shape.channels, norm, normed[i % 3], shape.channels);
      };
      normalise(first - 1);
      normalise(first);
      for (std::ptrdiff_t i = first; i < first + count; ++i) {
        normalise(i + 1);
        depthwise_row<E>(normed_row(i - 1), normed_row(i), normed_row(i + 1), shape.width, shape.channels, kernel_.taps(), kernel_.bias(),
                         flow.next() + i * row);
      }
    });
    flow.advance(shape);
  }

 private:
  DepthwiseKernel<E> kernel_;
  float epsilon_;
  Buffer weight_, bias_;
};

template <class Norm, class Conv>
inline constexpr bool is_normed_depthwise = false;
template <Real Epsilon, Bias WithBias>
inline constexpr bool is_normed_depthwise<LayerNorm<Epsilon>, DepthwiseConvolution<3, WithBias>> = true;

template <Engine E, Shape In, class Norm, class Conv, class... Rest>
  requires is_normed_depthwise<Unnamed<Norm>, Unnamed<Conv>>
class Program<E, In, Norm, Conv, Rest...> : public FusedProgram<E, Chain<In, Norm, Conv>, Conv, NormedDepthwiseStep<E>, Rest...> {
 public:
  explicit Program(const Chain<In, Norm, Conv, Rest...>& members)
      : Program::FusedProgram({members.head, members.tail.head}, members.tail.tail) {}
};

}  // namespace tessera::detail
