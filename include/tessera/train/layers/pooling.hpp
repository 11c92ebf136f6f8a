// SPDX-License-Identifier: MIT
#pragma once

// Pooling and dropout in training:
//
//     MeanPool   y[c] = 1/N Σ_n x[n,c]           dx[n,c] = dy[c] / N
//     MaxPool    y = the largest of a window     dx of the first largest of each window += dy
//     Dropout    y = m ⊙ x                       dx = m ⊙ dy        m: 0 with the probability `rate`, else 1 / (1 - rate)
//
// Dropout: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".

#include <cstdint>
#include <limits>
#include <vector>

#include "tessera/train/draws.hpp"
#include "tessera/train/layers/windows.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

class TrainingMeanPool final : public TrainingLayer {
 public:
  TrainingMeanPool(Shape in, Shape out) : TrainingLayer(in, out) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t n = channels();
    const auto tokens = static_cast<float>(positions());
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      float* const to = y + image * n;
      std::fill_n(to, n, 0.0F);
      for (std::ptrdiff_t at = 0; at < positions(); ++at) add_to(to, x + image * in_size() + at * n, n);
      for (std::ptrdiff_t c = 0; c < n; ++c) to[c] /= tokens;
    });
  }
  void backward(TrainingPass& pass, const float*, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    const std::ptrdiff_t n = channels();
    const auto tokens = static_cast<float>(positions());
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      for (std::ptrdiff_t at = 0; at < positions(); ++at)
        for (std::ptrdiff_t c = 0; c < n; ++c) dx[image * in_size() + at * n + c] = dy[image * n + c] / tokens;
    });
  }
};

class TrainingMaxPool final : public TrainingLayer {
 public:
  TrainingMaxPool(Shape in, Shape out, int kernel, int stride, int padding)
      : TrainingLayer(in, out), kernel_(kernel), stride_(stride), padding_(padding) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t n = channels();
    places_.resize(static_cast<std::size_t>(pass.images * out_size()));
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      const float* const from = x + image * in_size();
      float* const to = y + image * out_size();
      std::int32_t* const place = places_.data() + image * out_size();
      std::fill_n(to, out_size(), -std::numeric_limits<float>::infinity());
      std::fill_n(place, out_size(), 0);
      each_window(in(), out(), kernel_, stride_, padding_, [&](int, std::ptrdiff_t here, std::ptrdiff_t there) {
        keep_larger(from + here * n, static_cast<std::int32_t>(here * n), n, to + there * n, place + there * n);
      });
    });
  }
  void backward(TrainingPass& pass, const float*, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      float* const to = dx + image * in_size();
      std::fill_n(to, in_size(), 0.0F);
      for (std::ptrdiff_t i = image * out_size(); i < (image + 1) * out_size(); ++i) to[places_[static_cast<std::size_t>(i)]] += dy[i];
    });
  }

 private:
  // Without branches, so that compilers use packets.
  static void keep_larger(const float* from, std::int32_t first, std::ptrdiff_t n, float* to, std::int32_t* place) {
    for (std::ptrdiff_t c = 0; c < n; ++c) {
      const float value = from[c], largest = to[c];
      const bool larger = value > largest;
      to[c] = larger ? value : largest;
      place[c] = larger ? first + static_cast<std::int32_t>(c) : place[c];
    }
  }

  int kernel_, stride_, padding_;
  std::vector<std::int32_t> places_;  // of the largest numbers, within their images
};

class TrainingDropout final : public TrainingLayer {
 public:
  // number: of this random choice among those of the network.
  TrainingDropout(Shape shape, double rate, std::uint32_t number) : TrainingLayer(shape, shape), rate_(rate), number_(number) {}

  void forward(TrainingPass& pass, const float* x, float* y) override { mask(pass, x, y); }
  void backward(TrainingPass& pass, const float*, const float* dy, float* dx) override {
    if (dx != nullptr) mask(pass, dy, dx);
  }
  bool runs_again() const override { return true; }

 private:
  void mask(TrainingPass& pass, const float* from, float* to) const {
    const auto larger = static_cast<float>(1 / (1 - rate_));
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      Draws draws(pass.seed ^ std::uint64_t{number_} << 32, DrawPurpose::user, pass.step, static_cast<std::uint32_t>(image));
      for (std::ptrdiff_t i = image * in_size(); i < (image + 1) * in_size(); ++i) to[i] = draws.chance(rate_) ? 0.0F : larger * from[i];
    });
  }

  double rate_;
  std::uint32_t number_;
};

}  // namespace tessera::detail
