// SPDX-License-Identifier: MIT
//
// Kernels one by one, on one thread, at the shapes of published models: kernel/<what>/<shape>. Counters: gflops and peak_share where
// there are multiply-accumulates (those of the plain algorithm), gigabytes_per_second and bandwidth_share (numbers read and written once;
// more than 1 is work in cache) where there are few or none; both of the median call.
//
// A kernel that a layer is lowered to runs as a network of that one layer and is held against the layer's reference forward, the others
// against plain loops, outside the timed loop.

#include <functional>

#include "machine.hpp"
#include "plausible_weights.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/kernels/softmax.hpp"
#include "tessera/kernels/winograd.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

constexpr Isa isa = native_isa;
constexpr int lanes = native_lanes;

Buffer noise(std::int64_t count, float bound = 1) {
  Buffer numbers(static_cast<std::size_t>(count));
  bench::Noise next;
  for (float& x : numbers.span()) x = bound * next();
  return numbers;
}

// The largest difference, relative to the largest number.
bool agree(std::span<const float> got, std::span<const float> want) {
  float largest = 0, difference = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (!std::isfinite(got[i])) return false;
    largest = std::max(largest, std::abs(want[i]));
    difference = std::max(difference, std::abs(got[i] - want[i]));
  }
  return got.size() == want.size() && difference <= 1e-4F * largest;
}

struct Work {
  double macs = 0;
  double bytes = 0;
};

// Times call(), which returns its result, and compares that with want().
void measure(benchmark::State& state, Work work, const std::function<std::span<const float>()>& call, const std::function<Buffer()>& want) {
  std::span<const float> result;
  std::vector<double> seconds;
  seconds.reserve(static_cast<std::size_t>(state.max_iterations));
  for (auto _ : state) {
    const double start = bench::now();
    result = call();
    benchmark::ClobberMemory();
    seconds.push_back(bench::now() - start);
  }
  if (!agree(result, want().span())) return state.SkipWithError("the result is wrong");
  const double calls_per_second = 1 / bench::quantile(seconds, 0.50);
  if (work.macs > 0) {
    state.counters["gflops"] = 2e-9 * work.macs * calls_per_second;
    state.counters["peak_share"] = 2e-9 * work.macs * calls_per_second / bench::peak_gflops();
  }
  if (work.bytes > 0) {
    state.counters["gigabytes_per_second"] = 1e-9 * work.bytes * calls_per_second;
    state.counters["bandwidth_share"] = 1e-9 * work.bytes * calls_per_second / bench::memory_gigabytes(1);
  }
}

enum class Bound { by_arithmetic, by_memory };

// A network of one layer, without the copies in front of it and behind it that a Model makes.
template <class N, Bound Limit>
void layer(benchmark::State& state) {
  using Program = LoweredOf<fast_engine, typename N::Body, typename N::Bound>;
  const auto weights = bench::plausible_weights<N>();
  const Program program(weights.layers());
  constexpr std::size_t flow_floats = std::max(Program::flow_floats(N::input), Scratch::rounded(N::input));
  Scratch scratch(Program::scratch_floats(N::input));
  Buffer first(flow_floats), second(flow_floats);
  const Buffer input = noise(N::input.size());
  const auto run = [&]() -> std::span<const float> {
    Flow flow(input.data(), N::input, first.data(), second.data(), nullptr);
    program.run(flow, scratch);
    return {flow.x(), static_cast<std::size_t>(N::output.size())};
  };
  const auto reference = [&] {
    Tensor<N::input> x;
    std::ranges::copy(input.span(), x.data());
    const auto y = weights(x);
    Buffer copy(y.size());
    std::ranges::copy(y, copy.data());
    return copy;
  };
  Work work{.macs = static_cast<double>(N::macs)};
  if (Limit == Bound::by_memory) work.bytes = sizeof(float) * static_cast<double>(N::input.size() + N::output.size() + N::parameter_count);
  measure(state, work, run, reference);
}

// A dense 3×3 convolution by both algorithms.
enum class By { winograd, gathered };

template <Shape In, int Channels, By Which>
void convolution(benchmark::State& state) {
  using N = Network<In, Convolution<Channels, 3, 1, 1, tessera::Bias::none>>;
  auto weights = bench::plausible_weights<N>();
  const float* const w = weights.parameters().front().parameter->data();
  constexpr ConvolutionGeometry geometry{3, 1, 1};
  const Buffer x = noise(In.size()), zero(static_cast<std::size_t>((Channels + lanes - 1) / lanes * lanes));
  Buffer y(static_cast<std::size_t>(N::output.size()));
  const auto reference = [&] {
    Tensor<In> image;
    std::ranges::copy(x.span(), image.data());
    Buffer want(y.size());
    std::ranges::copy(weights(image), want.data());
    return want;
  };
  const Work work{.macs = static_cast<double>(N::macs)};
  if constexpr (Which == By::winograd) {
    const std::vector<double> ones(Channels, 1.0);
    const Winograd<isa> kernel(Channels, In.channels, w, ones.data());
    Scratch scratch(Winograd<isa>::scratch_floats(In, N::output));
    measure(
        state, work,
        [&] {
          kernel.run(x.data(), In, 1, zero.data(), -std::numeric_limits<float>::infinity(), y.data(), N::output, scratch);
          return std::span<const float>(y.span());
        },
        reference);
  } else {
    const Panels<isa> panels(WeightMatrix{.data = w, .columns = Channels, .inner = 9 * In.channels, .taps = 9});
    Scratch scratch(convolve_floats<isa>(In, N::output, geometry));
    measure(
        state, work,
        [&] {
          convolve<isa>(x.data(), In, N::output, geometry, panels, scratch, {.y = y.data(), .stride = Channels});
          return std::span<const float>(y.span());
        },
        reference);
  }
}

// A full register tile again and again, all of its operands in the first-level cache: the share of the peak that a product has before it
// waits for memory. Where loads beside multiply-adds cost some of the clock, it is less than 1.
void register_tile(benchmark::State& state) {
  constexpr int rows = RegisterTile<isa>::rows, width = panel_width<isa>;
  constexpr std::ptrdiff_t terms = 96, times = 256;
  const Buffer a = noise(rows * terms), b = noise(terms * width);
  Buffer tile(rows * width);
  measure(
      state, {.macs = static_cast<double>(times * rows * width * terms)},
      [&] {
        for (std::ptrdiff_t i = 0; i < times; ++i)
          ProductTile<isa>::run(RegisterTile<isa>::packets,
                                {terms, {a.data(), terms}, rows, b.data(), {bytes(a.data()), bytes(b.data()), 0}, tile.data()});
        return std::span<const float>(tile.span());
      },
      [&] {
        Buffer want(tile.size());
        for (std::ptrdiff_t r = 0; r < rows; ++r)
          for (std::ptrdiff_t j = 0; j < width; ++j) {
            double sum = 0;
            for (std::ptrdiff_t k = 0; k < terms; ++k) sum += double{a.data()[r * terms + k]} * double{b.data()[k * width + j]};
            want.data()[r * width + j] = static_cast<float>(sum);
          }
        return want;
      });
}

// An activation alone, on the hidden layer of ResMLP-S: 196×1536 numbers.
template <class Layer>
void activation(benchmark::State& state) {
  constexpr std::int64_t count = 196 * 1536;
  const Buffer x = noise(count, 4);
  Buffer y(x.size());
  measure(
      state, {.bytes = 2.0 * sizeof(float) * count},
      [&] {
        activate<isa, ActivationKernel<Layer>>(x.data(), count, y.data(), count, 1, count);
        return std::span<const float>(y.span());
      },
      [&] {
        Buffer want(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) want.data()[i] = Layer::apply(x.data()[i]);
        return want;
      });
}

// exp(s - max) of every row, in place, and the sums of the rows. The input is copied each time: part of the time, a small one.
void softmax(benchmark::State& state) {
  constexpr std::ptrdiff_t rows = 196;
  const Buffer x = noise(rows * rows, 4);
  Buffer y(x.size()), sums(rows);
  measure(
      state, {.bytes = 2.0 * sizeof(float) * rows * rows},
      [&] {
        std::ranges::copy(x.span(), y.data());
        softmax_rows<isa>(y.data(), rows, rows, rows, sums.data());
        return std::span<const float>(y.span());
      },
      [&] {
        Buffer want(x.size());
        for (std::ptrdiff_t n = 0; n < rows; ++n) {
          const float* const row = x.data() + n * rows;
          const float max = *std::max_element(row, row + rows);
          for (std::ptrdiff_t m = 0; m < rows; ++m) want.data()[n * rows + m] = std::exp(row[m] - max);
        }
        return want;
      });
}

void add(const char* name, void (*function)(benchmark::State&)) {
  benchmark::RegisterBenchmark((std::string("kernel/") + name).c_str(), function)->Unit(benchmark::kMicrosecond);
}

template <int Tokens, int In, int Out>
void add_product(const char* shape) {
  add((std::string("product/") + shape).c_str(), layer<Network<Shape{1, Tokens, In}, Linear<Out>>, Bound::by_arithmetic>);
}

}  // namespace

int main(int argc, char** argv) {
  constexpr auto arithmetic = Bound::by_arithmetic, memory = Bound::by_memory;
  constexpr auto winograd = By::winograd, gathered = By::gathered;

  add("register_tile", register_tile);
  add_product<196, 384, 1536>("196x384x1536");
  add_product<196, 1536, 384>("196x1536x384");
  add_product<196, 768, 3072>("196x768x3072");
  add_product<196, 3072, 768>("196x3072x768");
  add_product<196, 1024, 4096>("196x1024x4096");
  add_product<784, 128, 512>("784x128x512");
  add_product<49, 512, 1536>("49x512x1536");
  add("token_product/384x196x196", layer<Network<Shape{14, 14, 384}, Residual<Affine, AcrossTokens<Linear<>>, LayerScale>>, arithmetic>);
  add("token_feed_forward/768x196x384",
      layer<Network<Shape{14, 14, 768}, Residual<LayerNorm<>, AcrossTokens<FeedForward<384>>>>, arithmetic>);
  add("feed_forward/196x384x1536", layer<Network<Shape{14, 14, 384}, FeedForward<1536>>, arithmetic>);
  add("feed_forward/196x768x3072", layer<Network<Shape{14, 14, 768}, FeedForward<3072>>, arithmetic>);
  add("normed_feed_forward/3136x64x128", layer<Network<Shape{56, 56, 64}, Residual<LayerNorm<>, FeedForward<128>>>, arithmetic>);
  add("normed_feed_forward/196x1024x4096", layer<Network<Shape{14, 14, 1024}, Residual<LayerNorm<>, FeedForward<4096>>>, arithmetic>);
  add("attention/196x512_16_heads", layer<Network<Shape{14, 14, 512}, Residual<LayerNorm<>, Attention<16>>>, arithmetic>);
  add("attention/784x256_4_heads", layer<Network<Shape{28, 28, 256}, Residual<LayerNorm<>, Attention<4>>>, arithmetic>);
  add("patch_embed/224_16_384", layer<Network<Shape{224, 224, 3}, PatchEmbed<16, 384>>, arithmetic>);
  add("patch_embed/224_4_64", layer<Network<Shape{224, 224, 3}, PatchEmbed<4, 64>>, arithmetic>);
  add("convolution_strided/224x3x32", layer<Network<Shape{224, 224, 3}, Convolution<32, 3, 2, 1>>, arithmetic>);
  add("convolution_winograd/112x32x64", convolution<Shape{112, 112, 32}, 64, winograd>);
  add("convolution_gathered/112x32x64", convolution<Shape{112, 112, 32}, 64, gathered>);
  add("convolution_winograd/56x128x128", convolution<Shape{56, 56, 128}, 128, winograd>);
  add("convolution_gathered/56x128x128", convolution<Shape{56, 56, 128}, 128, gathered>);
  add("depthwise/56x64", layer<Network<Shape{56, 56, 64}, DepthwiseConvolution<3>>, memory>);
  add("depthwise/14x384", layer<Network<Shape{14, 14, 384}, DepthwiseConvolution<3>>, memory>);
  add("normed_depthwise/28x128", layer<Network<Shape{28, 28, 128}, LayerNorm<1e-5>, DepthwiseConvolution<3, tessera::Bias::none>>, memory>);
  add("layer_norm/196x768", layer<Network<Shape{14, 14, 768}, LayerNorm<>>, memory>);
  add("layer_norm/3136x64", layer<Network<Shape{56, 56, 64}, LayerNorm<>>, memory>);
  add("max_pool/112x64", layer<Network<Shape{112, 112, 64}, MaxPool<3, 2, 1>>, memory>);
  add("gelu/196x1536", activation<Gelu>);
  add("gelu_tanh/196x1536", activation<GeluTanh>);
  add("silu/196x1536", activation<Silu>);
  add("relu/196x1536", activation<Relu>);
  add("softmax/196x196", softmax);

  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::add_machine_context();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
