// SPDX-License-Identifier: MIT
#pragma once

// Convolutions as plain loops, summed in double: what layers and kernels are held against.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "tessera/core/shape.hpp"

namespace plain {

using tessera::Shape;

inline std::vector<float> random_numbers(std::int64_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> numbers;
  // Integers over 2^24 are floats without rounding, the same with every standard library.
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(static_cast<float>(random() >> 8) / (1 << 23) - 1.0F);
  return numbers;
}

// Calls visit(output index, channel of x, place of the window 0..kernel²-1, value) for all that a window sees; outside the map nothing is.
struct Window {
  int kernel, stride, padding;
  Shape output(Shape in, int channels) const {
    return {(in.height + 2 * padding - kernel) / stride + 1, (in.width + 2 * padding - kernel) / stride + 1, channels};
  }
  template <class Visit>
  void each(const float* x, Shape in, const Visit& visit) const {
    const Shape out = output(in, 1);
    for (int i = 0; i < out.height; ++i)
      for (int j = 0; j < out.width; ++j)
        for (int u = 0; u < kernel; ++u)
          for (int v = 0; v < kernel; ++v) {
            const int y = i * stride + u - padding, z = j * stride + v - padding;
            if (y < 0 || y >= in.height || z < 0 || z >= in.width) continue;
            for (int c = 0; c < in.channels; ++c)
              visit(static_cast<std::size_t>(i * out.width + j), static_cast<std::size_t>(c), static_cast<std::size_t>(u * kernel + v),
                    double{x[(y * in.width + z) * in.channels + c]});
          }
  }
};

// weight: K×C×kernel×kernel, as in a checkpoint.
inline std::vector<double> convolution(const float* x, Shape in, Window window, const float* weight, int outputs) {
  const auto channels = static_cast<std::size_t>(in.channels), places = static_cast<std::size_t>(window.kernel * window.kernel);
  const auto k_count = static_cast<std::size_t>(outputs);
  std::vector<double> y(static_cast<std::size_t>(window.output(in, outputs).size()));
  window.each(x, in, [&](std::size_t n, std::size_t c, std::size_t place, double value) {
    for (std::size_t k = 0; k < k_count; ++k) y[n * k_count + k] += double{weight[(k * channels + c) * places + place]} * value;
  });
  return y;
}

// weight: C×1×kernel×kernel.
inline std::vector<double> depthwise(const float* x, Shape in, int kernel, const float* weight) {
  const auto channels = static_cast<std::size_t>(in.channels), places = static_cast<std::size_t>(kernel * kernel);
  std::vector<double> y(static_cast<std::size_t>(in.size()));
  Window{kernel, 1, (kernel - 1) / 2}.each(x, in, [&](std::size_t n, std::size_t c, std::size_t place, double value) {
    y[n * channels + c] += double{weight[c * places + place]} * value;
  });
  return y;
}

inline std::vector<double> max_pool(const float* x, Shape in, Window window) {
  const auto channels = static_cast<std::size_t>(in.channels);
  std::vector<double> y(static_cast<std::size_t>(window.output(in, in.channels).size()), -INFINITY);
  window.each(x, in,
              [&](std::size_t n, std::size_t c, std::size_t, double value) { y[n * channels + c] = std::max(y[n * channels + c], value); });
  return y;
}

template <class Got>
double largest_difference(const Got& got, const std::vector<double>& want) {
  double worst = got.size() == want.size() ? 0 : INFINITY;
  for (std::size_t i = 0; i < want.size() && worst < INFINITY; ++i) {
    const double difference = std::abs(double{got[i]} - want[i]);
    worst = std::isnan(difference) ? INFINITY : std::max(worst, difference);
  }
  return worst;
}

}  // namespace plain
