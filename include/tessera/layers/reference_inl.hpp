// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "tessera/core/buffer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera::detail {

// Shapes as the loops below use them.
inline std::ptrdiff_t positions_of(View<any_shape> x) { return static_cast<std::ptrdiff_t>(x.shape().positions()); }
inline std::ptrdiff_t channels_of(View<any_shape> x) { return x.shape().channels; }

TESSERA_INLINE void reference_copy(View<any_shape> x, MutableView<any_shape> y) { std::copy_n(x.data(), x.size(), y.data()); }
TESSERA_INLINE void reference_add(View<any_shape> x, MutableView<any_shape> y) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += x[i];
}
TESSERA_INLINE void reference_clear(MutableView<any_shape> y) { std::fill_n(y.data(), y.size(), 0.0F); }
TESSERA_INLINE void reference_transpose(View<any_shape> x, MutableView<any_shape> y) {
  const std::ptrdiff_t positions = positions_of(x), channels = channels_of(x);
  for (std::ptrdiff_t n = 0; n < positions; ++n)
    for (std::ptrdiff_t c = 0; c < channels; ++c) y.data()[c * positions + n] = x.data()[n * channels + c];
}
TESSERA_INLINE void reference_second_half(View<any_shape> x, MutableView<any_shape> y) {
  const std::ptrdiff_t half = channels_of(y);
  for (std::ptrdiff_t n = 0; n < positions_of(y); ++n)
    for (std::ptrdiff_t c = 0; c < half; ++c) y.data()[n * half + c] = x.data()[(2 * n + 1) * half + c];
}
TESSERA_INLINE void reference_times_first_half(View<any_shape> x, MutableView<any_shape> y) {
  const std::ptrdiff_t half = channels_of(y);
  for (std::ptrdiff_t n = 0; n < positions_of(y); ++n)
    for (std::ptrdiff_t c = 0; c < half; ++c) y.data()[n * half + c] *= x.data()[2 * n * half + c];
}
TESSERA_INLINE void reference_map(float (*f)(float), View<any_shape> x, MutableView<any_shape> y) {
  for (std::size_t i = 0; i < y.size(); ++i) y[i] = f(x[i]);
}

TESSERA_INLINE void reference_scale_shift(View<any_shape> x, const Parameter& scale, const Parameter* shift, MutableView<any_shape> y) {
  const std::ptrdiff_t channels = channels_of(x);
  for (std::ptrdiff_t n = 0; n < positions_of(x); ++n)
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      const std::ptrdiff_t at = n * channels + c;
      y.data()[at] = scale.data()[c] * x.data()[at] + (shift == nullptr ? 0.0F : shift->data()[c]);
    }
}

TESSERA_INLINE void reference_batch_norm(View<any_shape> x, const Parameter& weight, const Parameter& bias, const Parameter& mean,
                                         const Parameter& variance, float epsilon, MutableView<any_shape> y) {
  const std::ptrdiff_t channels = channels_of(x);
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    const float deviation = std::sqrt(variance.data()[c] + epsilon);
    for (std::ptrdiff_t n = 0; n < positions_of(x); ++n) {
      const std::ptrdiff_t at = n * channels + c;
      y.data()[at] = (x.data()[at] - mean.data()[c]) / deviation * weight.data()[c] + bias.data()[c];
    }
  }
}

TESSERA_INLINE void reference_layer_norm(View<any_shape> x, const Parameter& weight, const Parameter& bias, float epsilon,
                                         MutableView<any_shape> y) {
  const std::ptrdiff_t channels = channels_of(x);
  for (std::ptrdiff_t n = 0; n < positions_of(x); ++n) {
    const float* const from = x.data() + n * channels;
    float* const to = y.data() + n * channels;
    double sum = 0, squares = 0;
    for (std::ptrdiff_t c = 0; c < channels; ++c) sum += static_cast<double>(from[c]);
    const double mean = sum / static_cast<double>(channels);
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      const double centred = static_cast<double>(from[c]) - mean;
      squares += centred * centred;
    }
    const double scale = 1 / std::sqrt(squares / static_cast<double>(channels) + static_cast<double>(epsilon));
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      to[c] = static_cast<float>((static_cast<double>(from[c]) - mean) * scale) * weight.data()[c] + bias.data()[c];
  }
}

TESSERA_INLINE void reference_group_norm(View<any_shape> x, int groups, const Parameter& weight, const Parameter& bias, float epsilon,
                                         MutableView<any_shape> y) {
  const std::ptrdiff_t positions = positions_of(x), channels = channels_of(x), width = channels / groups;
  const auto count = static_cast<double>(positions * width);
  for (std::ptrdiff_t first = 0; first < channels; first += width) {
    double sum = 0, squares = 0;
    for (std::ptrdiff_t n = 0; n < positions; ++n)
      for (std::ptrdiff_t c = first; c < first + width; ++c) sum += static_cast<double>(x.data()[n * channels + c]);
    const double mean = sum / count;
    for (std::ptrdiff_t n = 0; n < positions; ++n)
      for (std::ptrdiff_t c = first; c < first + width; ++c) {
        const double centred = static_cast<double>(x.data()[n * channels + c]) - mean;
        squares += centred * centred;
      }
    const double scale = 1 / std::sqrt(squares / count + static_cast<double>(epsilon));
    for (std::ptrdiff_t n = 0; n < positions; ++n)
      for (std::ptrdiff_t c = first; c < first + width; ++c) {
        const std::ptrdiff_t at = n * channels + c;
        y.data()[at] = static_cast<float>((static_cast<double>(x.data()[at]) - mean) * scale) * weight.data()[c] + bias.data()[c];
      }
  }
}

TESSERA_INLINE void reference_mean_pool(View<any_shape> x, MutableView<any_shape> y) {
  const std::ptrdiff_t positions = positions_of(x), channels = channels_of(x);
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    double sum = 0;
    for (std::ptrdiff_t n = 0; n < positions; ++n) sum += static_cast<double>(x.data()[n * channels + c]);
    y.data()[c] = static_cast<float>(sum / static_cast<double>(positions));
  }
}

// Every position starts with the bias, or with zeros.
inline void start_with_bias(const Parameter* bias, MutableView<any_shape> y) {
  if (bias == nullptr) return reference_clear(y);
  for (std::ptrdiff_t n = 0; n < positions_of(y); ++n) std::copy_n(bias->data(), y.shape().channels, y.data() + n * channels_of(y));
}

// Rows of a matrix: row r begins at data + r * stride.
struct MatrixRows {
  const float* data;
  std::ptrdiff_t rows, stride;
};

// sums[r,s] = sums[r,s] + Σ_k left[r,k] · right[s,k], the one matrix product of the reference forwards. Each sum is made of 16 partial
// ones, so that compilers can use SIMD registers and rounding errors stay small.
inline void add_product(MatrixRows left, MatrixRows right, std::ptrdiff_t inner, float* sums, std::ptrdiff_t stride) {
  constexpr std::ptrdiff_t parts = 16;
  for (std::ptrdiff_t r = 0; r < left.rows; ++r)
    for (std::ptrdiff_t s = 0; s < right.rows; ++s) {
      const float *const a = left.data + r * left.stride, *const b = right.data + s * right.stride;
      const std::ptrdiff_t whole = inner - inner % parts;
      float part[parts]{};
      for (std::ptrdiff_t k = 0; k < whole; k += parts)
        for (std::ptrdiff_t i = 0; i < parts; ++i) part[i] += a[k + i] * b[k + i];
      float sum = std::inner_product(a + whole, a + inner, b + whole, 0.0F);
      for (const float p : part) sum += p;
      sums[r * stride + s] += sum;
    }
}

TESSERA_INLINE void reference_linear(View<any_shape> x, const Parameter& weight, const Parameter* bias, MutableView<any_shape> y) {
  const std::ptrdiff_t positions = positions_of(x), inputs = channels_of(x), outputs = channels_of(y);
  start_with_bias(bias, y);
  add_product({x.data(), positions, inputs}, {weight.data(), outputs, inputs}, inputs, y.data(), outputs);
}

TESSERA_INLINE void reference_attention(View<any_shape> x, int heads, const Parameter& qkv_weight, const Parameter* qkv_bias,
                                        const Parameter& proj_weight, const Parameter& proj_bias, AttentionMemory memory,
                                        MutableView<any_shape> y) {
  const int tokens = static_cast<int>(x.shape().positions()), channels = x.shape().channels, width = channels / heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(width));
  const MutableView<any_shape> mixed(memory.mixed, {1, tokens, channels});
  reference_linear(x, qkv_weight, qkv_bias, MutableView<any_shape>(memory.qkv, {1, tokens, 3 * channels}));
  for (int h = 0; h < heads; ++h) {
    const float* const q = memory.qkv + h * width;
    const float* const v = q + 2 * channels;
    std::fill_n(memory.weights, std::ptrdiff_t{tokens} * tokens, 0.0F);
    add_product({q, tokens, 3 * channels}, {q + channels, tokens, 3 * channels}, width, memory.weights, tokens);
    for (int n = 0; n < tokens; ++n) {
      float* const from_n = memory.weights + std::ptrdiff_t{n} * tokens;
      const float largest = *std::max_element(from_n, from_n + tokens);
      double sum = 0;
      for (int m = 0; m < tokens; ++m) {
        from_n[m] = std::exp((from_n[m] - largest) * scale);
        sum += static_cast<double>(from_n[m]);
      }
      float* const to = memory.mixed + std::ptrdiff_t{n} * channels + h * width;
      std::fill_n(to, width, 0.0F);
      for (int m = 0; m < tokens; ++m) {
        const float weight = static_cast<float>(static_cast<double>(from_n[m]) / sum);
        const float* const value = v + std::ptrdiff_t{m} * 3 * channels;
        for (int c = 0; c < width; ++c) to[c] += weight * value[c];
      }
    }
  }
  reference_linear(mixed, proj_weight, &proj_bias, y);
}

// The outputs first, ..., last - 1 of a side whose window sees the input at one of its places: input = output * stride + offset.
struct Seen {
  int first, last;
  Seen(int inputs, int outputs, int stride, int offset)
      : first(offset >= 0 ? 0 : (stride - 1 - offset) / stride),
        last((std::min)(outputs, offset >= inputs ? 0 : (inputs - 1 - offset) / stride + 1)) {}
};

TESSERA_INLINE void reference_convolution(View<any_shape> x, const Parameter& weight, const Parameter* bias, int stride, int padding,
                                          MutableView<any_shape> y) {
  const Shape in = x.shape(), out = y.shape();
  const int kernel = weight.extent(3);
  const std::ptrdiff_t inputs = in.channels, outputs = out.channels, taps = std::ptrdiff_t{kernel} * kernel;
  Buffer tap(static_cast<std::size_t>(outputs * inputs));
  start_with_bias(bias, y);
  for (int u = 0; u < kernel; ++u)
    for (int v = 0; v < kernel; ++v) {
      for (std::ptrdiff_t i = 0; i < outputs * inputs; ++i) tap.data()[i] = weight.data()[i * taps + u * kernel + v];
      const Seen rows(in.height, out.height, stride, u - padding), columns(in.width, out.width, stride, v - padding);
      const std::ptrdiff_t count = columns.last - columns.first;
      if (count <= 0) continue;
      for (int i = rows.first; i < rows.last; ++i) {
        const std::ptrdiff_t from = std::ptrdiff_t{i * stride + u - padding} * in.width + columns.first * stride + v - padding;
        const std::ptrdiff_t to = std::ptrdiff_t{i} * out.width + columns.first;
        add_product({x.data() + from * inputs, count, stride * inputs}, {tap.data(), outputs, inputs}, inputs, y.data() + to * outputs,
                    outputs);
      }
    }
}

// Calls use(place in the window, position in x, position in y) for all that a window sees.
template <class Use>
void for_windows(Shape in, Shape out, int kernel, int stride, int padding, const Use& use) {
  for (int u = 0; u < kernel; ++u)
    for (int v = 0; v < kernel; ++v) {
      const Seen rows(in.height, out.height, stride, u - padding), columns(in.width, out.width, stride, v - padding);
      for (int i = rows.first; i < rows.last; ++i)
        for (int j = columns.first; j < columns.last; ++j)
          use(u * kernel + v, std::ptrdiff_t{i * stride + u - padding} * in.width + j * stride + v - padding,
              std::ptrdiff_t{i} * out.width + j);
    }
}

TESSERA_INLINE void reference_depthwise(View<any_shape> x, const Parameter& weight, const Parameter* bias, MutableView<any_shape> y) {
  const int kernel = weight.extent(3), taps = kernel * kernel;
  const std::ptrdiff_t channels = channels_of(x);
  start_with_bias(bias, y);
  for_windows(x.shape(), y.shape(), kernel, 1, (kernel - 1) / 2, [&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) {
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      y.data()[to * channels + c] += weight.data()[c * taps + tap] * x.data()[from * channels + c];
  });
}

TESSERA_INLINE void reference_max_pool(View<any_shape> x, int kernel, int stride, int padding, MutableView<any_shape> y) {
  const std::ptrdiff_t channels = channels_of(x);
  std::fill_n(y.data(), y.size(), -std::numeric_limits<float>::infinity());
  for_windows(x.shape(), y.shape(), kernel, stride, padding, [&](int, std::ptrdiff_t from, std::ptrdiff_t to) {
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      float& largest = y.data()[to * channels + c];
      const float value = x.data()[from * channels + c];
      // One that is not a number stays.
      if (!std::isnan(largest) && !(value <= largest)) largest = value;
    }
  });
}

}  // namespace tessera::detail
