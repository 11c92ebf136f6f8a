// SPDX-License-Identifier: MIT
#pragma once

// Convolutions in training, dense ones and patch embeddings. Each image becomes the matrix of its windows, one row a position of y, so that
// the products are those of a dense layer (layers/products.hpp):
//
//     M[(i,j), (u,v,c)] = x[iS+u-p, jS+v-p, c]        y = M · Wᵀ + b        dM = dy · W        dW += dyᵀ · M
//
// and dx[n,:] is the sum of all dM that came from position n. M is made again for the backward pass.

#include "tessera/train/layers/products.hpp"
#include "tessera/train/layers/windows.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

template <Isa I>
class TrainingConvolution final : public TrainingLayer {
 public:
  // weight: outputs × inputs × kernel × kernel; bias: outputs, or none.
  TrainingConvolution(Shape in, Shape out, int kernel, int stride, int padding, Trained weight, Trained bias)
      : TrainingLayer(in, out), kernel_(kernel), stride_(stride), padding_(padding), weight_(weight), bias_(bias) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t outputs = out().channels, inner = window();
    TrainingPass::Loan weights(pass, weight_.size), panels(pass, panel_floats<I>(inner, outputs)), padded(pass, bias_floats<I>(outputs));
    taps_outside(weights.data());
    turn_panels<I>(weights.data(), inner, outputs, inner, panels.data());
    const float* const bias = pad_bias<I>(bias_.values, outputs, padded.data());
    pass.for_groups([&](std::ptrdiff_t, std::ptrdiff_t first, std::ptrdiff_t images, Scratch& scratch) {
      Scratch::Frame frame(scratch);
      float* const windows = frame.take(static_cast<std::size_t>(at_once() * rows() * inner));
      for_few(first, images, [&](std::ptrdiff_t image, std::ptrdiff_t count) {
        for (std::ptrdiff_t i = 0; i < count; ++i) gather(x + (image + i) * in_size(), windows + i * rows() * inner);
        multiply_packed<I>(windows, inner, count * rows(), inner, panels.data(), outputs,
                           {.y = y + image * out_size(), .stride = outputs, .bias_of = BiasOf::channel, .bias = bias});
      });
    });
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t outputs = out().channels, inner = window(), size = weight_.size;
    TrainingPass::Loan weights(pass, size), panels(pass, panel_floats<I>(outputs, inner)), total(pass, size + outputs);
    taps_outside(weights.data());
    pack_rows<I>(weights.data(), outputs, inner, panels.data());
    pass.sum_over_groups(size + outputs, total.data(), [&](std::ptrdiff_t first, std::ptrdiff_t images, float* sums, Scratch& scratch) {
      Scratch::Frame frame(scratch);
      float* const windows = frame.take(static_cast<std::size_t>(at_once() * rows() * inner));
      for_few(first, images, [&](std::ptrdiff_t image, std::ptrdiff_t count) {
        const float* const from = dy + image * out_size();
        for (std::ptrdiff_t i = 0; i < count; ++i) gather(x + (image + i) * in_size(), windows + i * rows() * inner);
        add_weight_gradient<I>(from, windows, count * rows(), outputs, inner, sums, sums + size, scratch);
        if (dx == nullptr) return;
        multiply_packed<I>(from, outputs, count * rows(), outputs, panels.data(), inner, {.y = windows, .stride = inner});
        for (std::ptrdiff_t i = 0; i < count; ++i) scatter(windows + i * rows() * inner, dx + (image + i) * in_size());
      });
    });
    const std::ptrdiff_t taps = kernel_ * kernel_, inputs = channels();
    for (std::ptrdiff_t k = 0; k < outputs; ++k)
      for (std::ptrdiff_t t = 0; t < taps; ++t)
        for (std::ptrdiff_t c = 0; c < inputs; ++c)
          weight_.gradient[(k * inputs + c) * taps + t] += total.data()[(k * taps + t) * inputs + c];
    if (bias_.gradient != nullptr) add_to(bias_.gradient, total.data() + size, outputs);
  }

  std::size_t scratch_floats() const override {
    return Scratch::rounded(static_cast<std::size_t>(at_once() * rows() * window())) + weight_gradient_scratch<I>(out().channels, window());
  }

 private:
  std::ptrdiff_t rows() const { return static_cast<std::ptrdiff_t>(out().positions()); }
  std::ptrdiff_t window() const { return kernel_ * kernel_ * channels(); }
  // Images whose windows are one matrix: small images make long enough products together.
  std::ptrdiff_t at_once() const { return std::max<std::ptrdiff_t>(1, training_rows / rows()); }
  // use(first image, images) for a few images at a time.
  template <class Use>
  void for_few(std::ptrdiff_t first, std::ptrdiff_t images, const Use& use) const {
    for (std::ptrdiff_t image = first; image < first + images; image += at_once()) use(image, std::min(at_once(), first + images - image));
  }

  // The weights in the order of a window: tap, then channel.
  void taps_outside(float* to) const {
    const std::ptrdiff_t taps = kernel_ * kernel_, inputs = channels();
    for (std::ptrdiff_t k = 0; k < out().channels; ++k)
      for (std::ptrdiff_t t = 0; t < taps; ++t)
        for (std::ptrdiff_t c = 0; c < inputs; ++c) to[(k * taps + t) * inputs + c] = weight_.values[(k * inputs + c) * taps + t];
  }
  void gather(const float* x, float* windows) const {
    const std::ptrdiff_t n = channels(), inner = window();
    if (padding_ > 0) std::fill_n(windows, rows() * inner, 0.0F);
    each_window(in(), out(), kernel_, stride_, padding_,
                [&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) { std::copy_n(x + from * n, n, windows + to * inner + tap * n); });
  }
  void scatter(const float* windows, float* dx) const {
    const std::ptrdiff_t n = channels(), inner = window();
    std::fill_n(dx, in_size(), 0.0F);
    each_window(in(), out(), kernel_, stride_, padding_,
                [&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) { add_to(dx + from * n, windows + to * inner + tap * n, n); });
  }

  int kernel_, stride_, padding_;
  Trained weight_, bias_;
};

// Depthwise convolution, from tap to tap of the window:
//
//     y[n,c] = Σ_t w[c,t] · x[n_t,c] + b[c]        dx[n_t,c] += w[c,t] · dy[n,c]        dw[c,t] += Σ_n dy[n,c] · x[n_t,c]
template <Isa I>
class TrainingDepthwise final : public TrainingLayer {
 public:
  // weight: channels × 1 × kernel × kernel; bias: channels, or none.
  TrainingDepthwise(Shape shape, int kernel, Trained weight, Trained bias)
      : TrainingLayer(shape, shape), kernel_(kernel), weight_(weight), bias_(bias) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t n = channels();
    TrainingPass::Loan weights(pass, weight_.size);
    taps_outside(weights.data());
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      const float* const from_image = x + image * in_size();
      float* const to_image = y + image * in_size();
      for (std::ptrdiff_t at = 0; at < positions(); ++at)
        if (bias_.values != nullptr) {
          std::copy_n(bias_.values, n, to_image + at * n);
        } else {
          std::fill_n(to_image + at * n, n, 0.0F);
        }
      each_tap([&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) {
        add_times(to_image + to * n, weights.data() + tap * n, from_image + from * n, n);
      });
    });
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t n = channels(), size = weight_.size, taps = kernel_ * kernel_;
    TrainingPass::Loan weights(pass, size), total(pass, size + n);
    taps_outside(weights.data());
    pass.sum_over_groups(size + n, total.data(), [&](std::ptrdiff_t first, std::ptrdiff_t count, float* sums, Scratch&) {
      for (std::ptrdiff_t image = first; image < first + count; ++image) {
        const std::ptrdiff_t begin = image * in_size();
        for (std::ptrdiff_t at = 0; at < positions(); ++at) add_to(sums + size, dy + begin + at * n, n);
        each_tap([&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) {
          add_times(sums + tap * n, dy + begin + to * n, x + begin + from * n, n);
        });
        if (dx == nullptr) continue;
        std::fill_n(dx + begin, in_size(), 0.0F);
        each_tap([&](int tap, std::ptrdiff_t from, std::ptrdiff_t to) {
          add_times(dx + begin + from * n, weights.data() + tap * n, dy + begin + to * n, n);
        });
      }
    });
    for (std::ptrdiff_t c = 0; c < n; ++c)
      for (std::ptrdiff_t t = 0; t < taps; ++t) weight_.gradient[c * taps + t] += total.data()[t * n + c];
    if (bias_.gradient != nullptr) add_to(bias_.gradient, total.data() + size, n);
  }

 private:
  static void add_times(float* to, const float* a, const float* b, std::ptrdiff_t n) {
    for (std::ptrdiff_t i = 0; i < n; ++i) to[i] += a[i] * b[i];
  }
  template <class Use>
  void each_tap(const Use& use) const {
    each_window(in(), out(), kernel_, 1, (kernel_ - 1) / 2, use);
  }
  void taps_outside(float* to) const {
    const std::ptrdiff_t taps = kernel_ * kernel_, n = channels();
    for (std::ptrdiff_t c = 0; c < n; ++c)
      for (std::ptrdiff_t t = 0; t < taps; ++t) to[t * n + c] = weight_.values[c * taps + t];
  }

  int kernel_;
  Trained weight_, bias_;
};

}  // namespace tessera::detail
