// SPDX-License-Identifier: MIT
#pragma once

// Normalisations in training. Over the M numbers of a set, with r = 1/√(σ² + ε), x̂ = (x - μ)·r and g = w ⊙ dy,
//
//     y = w ⊙ x̂ + b        dw[c] += Σ dy·x̂        db[c] += Σ dy        dx = r·(g - Σg/M - x̂·Σ(g·x̂)/M)
//
// where a set is a token (LayerNorm), the channels of a group in an image (GroupNorm), or a channel in the whole batch (BatchNorm). Ioffe &
// Szegedy 2015, arXiv:1502.03167, section 3; Ba et al. 2016, arXiv:1607.06450; Wu & He 2018, arXiv:1803.08494.

#include <cmath>

#include "tessera/core/eigen.hpp"
#include "tessera/kernels/isa.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

// LayerNorm: sets of `rows` = 1 token and all channels. GroupNorm: all tokens of an image, and `width` channels.
template <Isa I>
class TrainingNorm final : public TrainingLayer {
  using Block = Eigen::Map<Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;
  using ConstBlock = Eigen::Map<const Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;
  using Row = Eigen::Map<const Eigen::Array<float, 1, Eigen::Dynamic>>;
  using Sums = Eigen::Map<Eigen::Array<float, 1, Eigen::Dynamic>>;

 public:
  TrainingNorm(Shape shape, std::ptrdiff_t rows, std::ptrdiff_t width, float epsilon, Trained weight, Trained bias)
      : TrainingLayer(shape, shape), rows_(rows), width_(width), epsilon_(epsilon), weight_(weight), bias_(bias) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    float* const statistics = kept(statistics_, 2 * pass.images * sets());
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      each_set(image, [&](std::ptrdiff_t set, std::ptrdiff_t at, std::ptrdiff_t channel) {
        const auto in = block(x + at);
        const float mean = in.sum() / count(), variance = (in - mean).square().sum() / count(), r = 1.0F / std::sqrt(variance + epsilon_);
        statistics[2 * set] = mean;
        statistics[2 * set + 1] = r;
        const Row weight(weight_.values + channel, width_), bias(bias_.values + channel, width_);
        auto to = block(y + at);
        for (std::ptrdiff_t n = 0; n < rows_; ++n) to.row(n) = (in.row(n) - mean) * r * weight + bias;
      });
    });
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t n = channels();
    const float* const statistics = statistics_.data();
    TrainingPass::Loan total(pass, 2 * n);
    pass.sum_over_groups(2 * n, total.data(), [&](std::ptrdiff_t first, std::ptrdiff_t images, float* sums, Scratch&) {
      for (std::ptrdiff_t image = first; image < first + images; ++image)
        each_set(image, [&](std::ptrdiff_t set, std::ptrdiff_t at, std::ptrdiff_t channel) {
          const float mean = statistics[2 * set], r = statistics[2 * set + 1];
          const auto in = block(x + at), slope = block(dy + at);
          const Row weight(weight_.values + channel, width_);
          Sums scale(sums + channel, width_), shift(sums + n + channel, width_);
          float sum = 0, product = 0;
          for (std::ptrdiff_t row = 0; row < rows_; ++row) {
            scale += slope.row(row) * (in.row(row) - mean) * r;
            shift += slope.row(row);
            sum += (slope.row(row) * weight).sum();
            product += (slope.row(row) * weight * (in.row(row) - mean)).sum();
          }
          if (dx == nullptr) return;
          const float a = sum / count(), b = product * r * r / count();
          auto to = block(dx + at);
          for (std::ptrdiff_t row = 0; row < rows_; ++row) to.row(row) = (slope.row(row) * weight - a - (in.row(row) - mean) * b) * r;
        });
    });
    add_to(weight_.gradient, total.data(), n);
    add_to(bias_.gradient, total.data() + n, n);
  }

 private:
  std::ptrdiff_t sets() const { return in_size() / (rows_ * width_); }
  float count() const { return static_cast<float>(rows_ * width_); }
  Block block(float* data) const { return {data, rows_, width_, Eigen::OuterStride<>(channels())}; }
  ConstBlock block(const float* data) const { return {data, rows_, width_, Eigen::OuterStride<>(channels())}; }
  // use(number of the set, place of its first number, its first channel) for the sets of an image.
  template <class Use>
  void each_set(std::ptrdiff_t image, const Use& use) const {
    std::ptrdiff_t set = image * sets();
    for (std::ptrdiff_t row = 0; row < positions(); row += rows_)
      for (std::ptrdiff_t channel = 0; channel < channels(); channel += width_)
        use(set++, image * in_size() + row * channels() + channel, channel);
  }

  std::ptrdiff_t rows_, width_;
  float epsilon_;
  Trained weight_, bias_;
  Buffer statistics_;
};

// BatchNorm with the statistics of the batch. It also moves the running averages, which inference uses, by PyTorch's default of a tenth:
//
//     mean ← 0.9·mean + 0.1·μ        var ← 0.9·var + 0.1·σ²·M/(M - 1)
template <Isa I>
class TrainingBatchNorm final : public TrainingLayer {
 public:
  TrainingBatchNorm(Shape shape, float epsilon, Trained weight, Trained bias, Trained mean, Trained variance)
      : TrainingLayer(shape, shape), epsilon_(epsilon), weight_(weight), bias_(bias), running_mean_(mean), running_variance_(variance) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t n = channels();
    float *const mean = kept(statistics_, 2 * n), *const r = mean + n;
    const auto m = static_cast<float>(pass.images * positions());
    pass.sum_over_groups(n, mean, [&](std::ptrdiff_t image, std::ptrdiff_t images, float* sums, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + images) * in_size(); at += n) add_to(sums, x + at, n);
    });
    for (std::ptrdiff_t c = 0; c < n; ++c) mean[c] /= m;
    pass.sum_over_groups(n, r, [&](std::ptrdiff_t image, std::ptrdiff_t images, float* sums, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + images) * in_size(); at += n)
        for (std::ptrdiff_t c = 0; c < n; ++c) sums[c] += (x[at + c] - mean[c]) * (x[at + c] - mean[c]);
    });
    TrainingPass::Loan factors(pass, 2 * n);
    float *const scale = factors.data(), *const shift = scale + n;
    for (std::ptrdiff_t c = 0; c < n; ++c) {
      const float variance = r[c] / m;
      running_mean_.values[c] = 0.9F * running_mean_.values[c] + 0.1F * mean[c];
      running_variance_.values[c] = 0.9F * running_variance_.values[c] + 0.1F * (m > 1 ? r[c] / (m - 1) : variance);
      r[c] = 1.0F / std::sqrt(variance + epsilon_);
      scale[c] = r[c] * weight_.values[c];
      shift[c] = bias_.values[c];
    }
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + 1) * in_size(); at += n)
        for (std::ptrdiff_t c = 0; c < n; ++c) y[at + c] = (x[at + c] - mean[c]) * scale[c] + shift[c];
    });
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t n = channels();
    const float *const mean = statistics_.data(), *const r = mean + n;
    const auto m = static_cast<float>(pass.images * positions());
    TrainingPass::Loan total(pass, 2 * n), factors(pass, 3 * n);
    pass.sum_over_groups(2 * n, total.data(), [&](std::ptrdiff_t image, std::ptrdiff_t images, float* sums, Scratch&) {
      float* const shift = sums + n;
      for (std::ptrdiff_t at = image * in_size(); at < (image + images) * in_size(); at += n)
        for (std::ptrdiff_t c = 0; c < n; ++c) {
          sums[c] += dy[at + c] * (x[at + c] - mean[c]);
          shift[c] += dy[at + c];
        }
    });
    float *const a = factors.data(), *const b = a + n, *const scale = b + n;
    for (std::ptrdiff_t c = 0; c < n; ++c) {
      const float product = total.data()[c] * r[c], sum = total.data()[n + c];
      weight_.gradient[c] += product;
      bias_.gradient[c] += sum;
      a[c] = sum / m;
      b[c] = product * r[c] / m;
      scale[c] = weight_.values[c] * r[c];
    }
    if (dx == nullptr) return;
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + 1) * in_size(); at += n)
        for (std::ptrdiff_t c = 0; c < n; ++c) dx[at + c] = scale[c] * (dy[at + c] - a[c] - (x[at + c] - mean[c]) * b[c]);
    });
  }

 private:
  float epsilon_;
  Trained weight_, bias_, running_mean_, running_variance_;
  Buffer statistics_;
};

}  // namespace tessera::detail
