// SPDX-License-Identifier: MIT
//
// Convolution kernels against plain loops in double: every remainder of the packet, of the tile and of the map.

#include <numeric>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "plain_convolution.hpp"
#include "tessera/kernels/depthwise.hpp"
#include "tessera/kernels/epilogue.hpp"
#include "tessera/kernels/max_pool.hpp"
#include "tessera/kernels/winograd.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

// Outputs are poisoned, and floats behind them must stay what they are.
class Output {
 public:
  explicit Output(std::int64_t size) : numbers_(static_cast<std::size_t>(size) + guard, poison) {}
  float* data() { return numbers_.data(); }
  // The numbers, or nothing where the guard was touched.
  std::vector<float> numbers() const {
    for (std::size_t i = numbers_.size() - guard; i < numbers_.size(); ++i)
      if (numbers_[i] != poison) return {};
    return {numbers_.begin(), numbers_.end() - guard};
  }

 private:
  static constexpr std::size_t guard = 64;
  static constexpr float poison = -1e30F;
  std::vector<float> numbers_;
};

const std::vector<int>& channel_counts() {
  static const std::vector<int> counts{
      1, 2, lanes - 1 > 0 ? lanes - 1 : 1, lanes, lanes + 1, 2 * lanes, 3 * lanes + 2, panel_width<isa> + 3};
  return counts;
}

}  // namespace

TEST_CASE("depthwise_3x3 equals the plain loop") {
  for (const int channels : channel_counts())
    for (const Shape shape :
         {Shape{1, 1, channels}, Shape{1, 4, channels}, Shape{5, 1, channels}, Shape{2, 2, channels}, Shape{7, 6, channels}}) {
      CAPTURE(channels, shape.height, shape.width);
      const auto x = plain::random_numbers(shape.size(), 1), weight = plain::random_numbers(9 * channels, 2),
                 bias = plain::random_numbers(channels, 3);
      const Buffer taps = depthwise_taps<isa>(channels, weight.data());
      auto want = plain::depthwise(x.data(), shape, 3, weight.data());
      Output without(shape.size()), with(shape.size());
      Scratch scratch(0);
      depthwise_3x3<isa>(x.data(), shape.height, shape.width, channels, taps.data(), nullptr, without.data(), scratch);
      REQUIRE(plain::largest_difference(without.numbers(), want) < 2e-6);  // nine products of numbers below one
      for (std::size_t i = 0; i < want.size(); ++i) want[i] += bias[i % static_cast<std::size_t>(channels)];
      depthwise_3x3<isa>(x.data(), shape.height, shape.width, channels, taps.data(), bias.data(), with.data(), scratch);
      REQUIRE(plain::largest_difference(with.numbers(), want) < 2e-6);

      Output sum(shape.size()), in_place(shape.size());
      depthwise_3x3<isa, Skip::add_input>(x.data(), shape.height, shape.width, channels, taps.data(), bias.data(), sum.data(), scratch);
      for (std::size_t i = 0; i < want.size(); ++i) want[i] += x[i];
      REQUIRE(plain::largest_difference(sum.numbers(), want) < 2e-6);
      std::copy(x.begin(), x.end(), in_place.data());
      std::vector<float> before(2 * static_cast<std::size_t>(shape.width * channels));
      float* const rows[2] = {before.data(), before.data() + shape.width * channels};
      add_depthwise_3x3<isa>(in_place.data(), shape.height, shape.width, channels, taps.data(), bias.data(), rows);
      REQUIRE(in_place.numbers() == sum.numbers());
    }
}

TEST_CASE("max_pool equals the plain loop") {
  for (const int channels : channel_counts())
    for (const plain::Window window : {plain::Window{3, 2, 1}, {2, 2, 0}, {5, 3, 2}}) {
      const Shape shape{9, 8, channels}, out = window.output(shape, channels);
      const auto x = plain::random_numbers(shape.size(), 1);
      Output y(out.size());
      Scratch scratch(0);
      max_pool<isa>(x.data(), shape, out, {window.kernel, window.stride, window.padding}, y.data(), scratch);
      REQUIRE(plain::largest_difference(y.numbers(), plain::max_pool(x.data(), shape, window)) == 0);
    }
}

TEST_CASE("convolve equals the plain loop") {
  for (const auto& [kernel, stride, padding] : {std::array{3, 2, 1}, {3, 1, 1}, {1, 1, 0}, {2, 2, 0}, {7, 2, 3}, {1, 2, 1}})
    for (const int channels : {1, 3, lanes + 1})
      for (const int outputs : {1, lanes, panel_width<isa> + 1}) {
        CAPTURE(kernel, stride, padding, channels, outputs);
        const Shape shape{9, 11, channels}, out = plain::Window{kernel, stride, padding}.output(shape, outputs);
        const std::int64_t inner = std::int64_t{kernel} * kernel * channels;
        const auto x = plain::random_numbers(shape.size(), 1), weight = plain::random_numbers(inner * outputs, 2);
        const Panels<isa> panels(
            WeightMatrix{.data = weight.data(), .columns = outputs, .inner = static_cast<std::ptrdiff_t>(inner), .taps = kernel * kernel});
        Scratch scratch(convolve_floats<isa>(shape, out, {kernel, stride, padding}));
        Output y(out.size());
        convolve<isa>(x.data(), shape, out, {kernel, stride, padding}, panels, scratch, {.y = y.data(), .stride = out.channels});
        const auto want = plain::convolution(x.data(), shape, {kernel, stride, padding}, weight.data(), outputs);
        // Roundings of a running sum of n numbers below one: n/2 on average, √n of them in one direction.
        REQUIRE(plain::largest_difference(y.numbers(), want) < 6e-8 * static_cast<double>(inner) + 1e-6);
      }
}

TEST_CASE("Winograd's algorithm equals the plain loop") {
  for (const int channels : {1, lanes, lanes + 3, 3 * lanes})
    for (const int outputs : {1, lanes + 1, panel_width<isa>, panel_width<isa> + 5})
      for (const Shape side : {Shape{1, 1, 1}, Shape{3, 5, 1}, Shape{4, 4, 1}, Shape{13, 8, 1}})
        for (const int padding : {0, 1, 2}) {
          const Shape shape{side.height, side.width, channels};
          if (shape.height + 2 * padding < 3 || shape.width + 2 * padding < 3) continue;
          CAPTURE(channels, outputs, shape.height, shape.width, padding);
          const Shape out = plain::Window{3, 1, padding}.output(shape, outputs);
          const auto x = plain::random_numbers(shape.size(), 1), weight = plain::random_numbers(std::int64_t{9} * channels * outputs, 2);
          std::vector<float> bias(static_cast<std::size_t>(outputs + lanes));
          std::iota(bias.begin(), bias.end(), 0.0F);
          const std::vector<double> ones(static_cast<std::size_t>(outputs), 1.0);
          const Winograd<isa> winograd(outputs, channels, weight.data(), ones.data());
          Scratch scratch(Winograd<isa>::scratch_floats(shape, out));
          Output y(out.size());
          winograd.run(x.data(), shape, padding, bias.data(), 0.0F, y.data(), out, scratch);
          auto want = plain::convolution(x.data(), shape, {3, 1, padding}, weight.data(), outputs);
          for (std::size_t i = 0; i < want.size(); ++i)
            want[i] = std::max(want[i] + static_cast<double>(i % static_cast<std::size_t>(outputs)), 0.0);
          // Twice the roundings of a plain sum of 9·C products of numbers below one, and those of numbers as large as the bias.
          REQUIRE(plain::largest_difference(y.numbers(), want) < 2e-7 * 9 * channels + 2e-7 * outputs + 2e-6);
        }
}
