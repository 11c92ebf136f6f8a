// SPDX-License-Identifier: MIT
#pragma once

// A 3×3 convolution with batch norm and ReLU before a pooling that halves the sides, the end of ConvMLP's tokenizer:
//
//     y = maxpool(relu(BN(W∗x)))
//
// The convolution's map is four times as large as y, and is never made as a whole: a band of its rows is pooled as soon as it is there,
// while it is in the second-level cache. Of the map's rows 2i-1, 2i and 2i+1, which row i of y sees, the first may be the last row of the
// band above. Where a worker's bands begin, that row may be another's: it is kept, and y gets it when all are done.

#include "tessera/engine/rules/convolution.hpp"
#include "tessera/kernels/max_pool.hpp"
#include "tessera/layers/max_pool.hpp"

namespace tessera::detail {

// Bound: the Sequential of a convolution with the specification Conv, batch norm and ReLU.
template <Engine E, class Conv, class Bound>
class ConvolutionPoolStep {
  using Members = typename Bound::Members;
  using Step = ConvolutionStep<E, Conv, typename Members::Head, ReluKernel>;
  using Pool = typename MaxPool<3, 2, 1>::template At<Bound::output>;
  static constexpr PoolWindow window{3, 2, 1};
  static constexpr int channels = Bound::output.channels;

 public:
  explicit ConvolutionPoolStep(const Bound& layer) : ConvolutionPoolStep(layer.members()) {}

  static constexpr Shape output_shape(Shape in) { return Pool::output_shape(Step::output_shape(in)); }
  static constexpr std::size_t scratch_floats(Shape in) {
    const Shape map = Step::output_shape(in);
    return band_floats(map, Step::block_rows(in)) * 2 + edge_floats(map) + Step::scratch_floats(in);
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(output_shape(in)); }

  void run(Flow& flow, Scratch& scratch) const {
    const Shape map = Step::output_shape(flow.shape()), out = output_shape(flow.shape());
    const std::ptrdiff_t row = std::ptrdiff_t{map.width} * channels, out_row = std::ptrdiff_t{out.width} * channels;
    const int band = Step::block_rows(flow.shape(), scratch.workers()), bands = (map.height + band - 1) / band;
    float* const y = flow.next();
    Scratch::Frame frame(scratch);
    // The rows above the bands that are the first of a range.
    float* const edges = frame.take(edge_floats(map));
    const auto edge = [&](std::ptrdiff_t first) { return edges + first * row; };
    scratch.split(bands, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      Scratch::Frame inner(own);
      float* const buffers[2] = {inner.take(band_floats(map, band)), inner.take(band_floats(map, band))};
      const float* above = nullptr;
      for (int b = static_cast<int>(first); b < first + count; ++b) {
        float* const here = buffers[b % 2];
        const int top = b * band, bottom = std::min(top + band, map.height), seen_from = above == nullptr ? top : 0;
        convolution_.run_rows(flow, here - top * row, top, bottom - top, own);
        for (int i = top / 2; i < std::min((top + band) / 2, out.height); ++i) {
          const auto [begin, height] = window.seen(i, map.height);
          const int from = std::max(begin, seen_from);
          max_pool_row<E>([&](int u) { return u < top ? above : here + (u - top) * row; }, {from, begin + height - from}, map, out, window,
                          y + i * out_row);
        }
        above = here + (bottom - top - 1) * row;
      }
      if (first + count < bands) std::copy_n(above, row, edge(first + count));
    });
    // The same ranges again.
    scratch.split(bands, 1, [&](std::ptrdiff_t first, std::ptrdiff_t, Scratch&) {
      if (first > 0) max_pool_row<E, true>([&](int) { return edge(first); }, {0, 1}, map, out, window, y + first * band / 2 * out_row);
    });
    flow.advance(out);
  }

 private:
  explicit ConvolutionPoolStep(const Members& members) : convolution_(members.head, ChannelFold(members.head, members.tail.head)) {}

  static constexpr std::size_t band_floats(Shape map, int rows) { return Scratch::rounded({rows, map.width, channels}); }
  static constexpr std::size_t edge_floats(Shape map) {
    return Scratch::rounded({(map.height + winograd_outputs - 1) / winograd_outputs, map.width, channels});
  }

  Step convolution_;
};

template <Engine E, class Convolved, class Bound>
struct PoolStepOf;
template <Engine E, int Channels, Bias WithBias, class Bound>
struct PoolStepOf<E, Sequential<Convolution<Channels, 3, 1, 1, WithBias>, BatchNorm, Relu>, Bound> {
  using type = ConvolutionPoolStep<E, Convolution<Channels, 3, 1, 1, WithBias>, Bound>;
};
// The step for a convolution, without names, before the pooling.
template <Engine E, Shape In, class Convolved>
using ConvolutionPoolStepOf = typename PoolStepOf<E, Unnamed<Convolved>, typename Chain<In, Convolved>::Head>::type;

template <Engine E, Shape In, class Convolved, class Pool, class... Rest>
  requires(std::same_as<Unnamed<Pool>, MaxPool<3, 2, 1>> && requires { typename ConvolutionPoolStepOf<E, In, Convolved>; } &&
           choose_convolution<E>({3, 1, 1}, In, Chain<In, Convolved>::output) == Algorithm::winograd)
class Program<E, In, Convolved, Pool, Rest...>
    : public FusedProgram<E, Chain<In, Convolved, Pool>, Pool, ConvolutionPoolStepOf<E, In, Convolved>, Rest...> {
 public:
  explicit Program(const Chain<In, Convolved, Pool, Rest...>& members)
      : Program::FusedProgram(ConvolutionPoolStepOf<E, In, Convolved>(members.head), members.tail.tail) {}
};

}  // namespace tessera::detail
