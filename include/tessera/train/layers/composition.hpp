// SPDX-License-Identifier: MIT
#pragma once

// Layers that are made of others, in training: in sequence, with a skip connection, side by side, across tokens, and gated.

#include <memory>
#include <utility>
#include <vector>

#include "tessera/kernels/isa.hpp"
#include "tessera/train/draws.hpp"
#include "tessera/train/layers/products.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

using TrainingLayers = std::vector<std::unique_ptr<TrainingLayer>>;

// One layer after another. What a layer reads is kept for the backward pass, unless the layer that made it runs again.
class TrainingSequence final : public TrainingLayer {
 public:
  TrainingSequence(Shape in, Shape out, TrainingLayers layers)
      : TrainingLayer(in, out), layers_(std::move(layers)), results_(layers_.size()) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    std::unique_ptr<TrainingPass::Loan> passing;
    const float* from = x;
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      TrainingLayer& layer = *layers_[i];
      std::unique_ptr<TrainingPass::Loan> lent;
      float* to = y;
      if (i + 1 < layers_.size()) {
        if (layer.runs_again()) lent = std::make_unique<TrainingPass::Loan>(pass, pass.images * layer.out_size());
        to = lent ? lent->data() : kept(results_[i], pass.images * layer.out_size());
      }
      layer.forward(pass, from, to);
      passing = std::move(lent);
      from = to;
    }
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    std::unique_ptr<TrainingPass::Loan> above;
    const float* slope = dy;
    for (std::size_t i = layers_.size(); i-- > 0;) {
      TrainingLayer& layer = *layers_[i];
      const Input input(*this, pass, x, i);
      std::unique_ptr<TrainingPass::Loan> below;
      float* to = dx;
      if (i > 0) {
        below = std::make_unique<TrainingPass::Loan>(pass, pass.images * layer.in_size());
        to = below->data();
      }
      layer.backward(pass, input.data, slope, to);
      above = std::move(below);
      slope = to;
    }
  }

  std::size_t scratch_floats() const override {
    std::size_t most = 0;
    for (const auto& layer : layers_) most = std::max(most, layer->scratch_floats());
    return most;
  }

 private:
  // What layer i reads: x, a result that was kept, or one that is made again.
  struct Input {
    Input(TrainingSequence& all, TrainingPass& pass, const float* x, std::size_t i) {
      if (i == 0) {
        data = x;
      } else if (TrainingLayer& before = *all.layers_[i - 1]; !before.runs_again()) {
        data = all.results_[i - 1].data();
      } else {
        again = std::make_unique<TrainingPass::Loan>(pass, pass.images * before.out_size());
        const Input input(all, pass, x, i - 1);
        before.forward(pass, input.data, again->data());
        data = again->data();
      }
    }
    std::unique_ptr<TrainingPass::Loan> again;
    const float* data = nullptr;
  };

  TrainingLayers layers_;
  std::vector<Buffer> results_;
};

// y = x + s·branch(x). Without stochastic depth s = 1. With it, s of an image is 0 with the probability `rate`, else 1 / (1 - rate): Huang
// et al. 2016, arXiv:1603.09382, with the scale of timm's DropPath.
class TrainingResidual final : public TrainingLayer {
 public:
  // number: of this random choice among those of the network.
  TrainingResidual(std::unique_ptr<TrainingLayer> branch, double rate, std::uint32_t number)
      : TrainingLayer(branch->in(), branch->out()), branch_(std::move(branch)), rate_(rate), number_(number) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    branch_->forward(pass, x, y);
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      const float s = factor(pass, image);
      for (std::ptrdiff_t i = image * in_size(); i < (image + 1) * in_size(); ++i) y[i] = x[i] + s * y[i];
    });
  }
  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    if (rate_ > 0) {
      TrainingPass::Loan scaled(pass, pass.images * out_size());
      pass.for_images([&](std::ptrdiff_t image, Scratch&) {
        const float s = factor(pass, image);
        for (std::ptrdiff_t i = image * in_size(); i < (image + 1) * in_size(); ++i) scaled.data()[i] = s * dy[i];
      });
      branch_->backward(pass, x, scaled.data(), dx);
    } else {
      branch_->backward(pass, x, dy, dx);
    }
    if (dx == nullptr) return;
    pass.for_images([&](std::ptrdiff_t image, Scratch&) { add_to(dx + image * in_size(), dy + image * in_size(), in_size()); });
  }
  std::size_t scratch_floats() const override { return branch_->scratch_floats(); }

 private:
  float factor(const TrainingPass& pass, std::ptrdiff_t image) const {
    if (rate_ == 0) return 1.0F;
    Draws draws(pass.seed ^ std::uint64_t{number_} << 32, DrawPurpose::user, pass.step, static_cast<std::uint32_t>(image));
    return draws.chance(rate_) ? 0.0F : static_cast<float>(1 / (1 - rate_));
  }

  std::unique_ptr<TrainingLayer> branch_;
  double rate_;
  std::uint32_t number_;
};

// y = A(x) + B(x) + ...
class TrainingParallel final : public TrainingLayer {
 public:
  explicit TrainingParallel(TrainingLayers branches)
      : TrainingLayer(branches.front()->in(), branches.front()->out()), branches_(std::move(branches)) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    TrainingPass::Loan term(pass, pass.images * out_size());
    branches_.front()->forward(pass, x, y);
    for (std::size_t i = 1; i < branches_.size(); ++i) {
      branches_[i]->forward(pass, x, term.data());
      pass.for_images(
          [&](std::ptrdiff_t image, Scratch&) { add_to(y + image * out_size(), term.data() + image * out_size(), out_size()); });
    }
  }
  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    TrainingPass::Loan term(pass, pass.images * in_size());
    branches_.front()->backward(pass, x, dy, dx);
    for (std::size_t i = 1; i < branches_.size(); ++i) {
      branches_[i]->backward(pass, x, dy, dx == nullptr ? nullptr : term.data());
      if (dx == nullptr) continue;
      pass.for_images([&](std::ptrdiff_t image, Scratch&) { add_to(dx + image * in_size(), term.data() + image * in_size(), in_size()); });
    }
  }
  std::size_t scratch_floats() const override {
    std::size_t most = 0;
    for (const auto& branch : branches_) most = std::max(most, branch->scratch_floats());
    return most;
  }

 private:
  TrainingLayers branches_;
};

// y = L(xᵀ)ᵀ for every image.
template <Isa I>
class TrainingAcrossTokens final : public TrainingLayer {
 public:
  TrainingAcrossTokens(Shape shape, std::unique_ptr<TrainingLayer> member) : TrainingLayer(shape, shape), member_(std::move(member)) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    float* const columns = kept(turned_, pass.images * in_size());
    TrainingPass::Loan mixed(pass, pass.images * in_size());
    turn_images(pass, x, positions(), channels(), columns);
    member_->forward(pass, columns, mixed.data());
    turn_images(pass, mixed.data(), channels(), positions(), y);
  }
  void backward(TrainingPass& pass, const float*, const float* dy, float* dx) override {
    TrainingPass::Loan slope(pass, pass.images * in_size()), below(pass, dx == nullptr ? 0 : pass.images * in_size());
    turn_images(pass, dy, positions(), channels(), slope.data());
    member_->backward(pass, turned_.data(), slope.data(), dx == nullptr ? nullptr : below.data());
    if (dx != nullptr) turn_images(pass, below.data(), channels(), positions(), dx);
  }
  std::size_t scratch_floats() const override { return member_->scratch_floats(); }

 private:
  void turn_images(TrainingPass& pass, const float* from, std::ptrdiff_t rows, std::ptrdiff_t columns, float* to) const {
    pass.for_images(
        [&](std::ptrdiff_t image, Scratch&) { turn<I>(from + image * in_size(), rows, columns, to + image * in_size(), rows); });
  }

  std::unique_ptr<TrainingLayer> member_;
  Buffer turned_;
};

// y = u ⊙ G(v), [u v] = x:    du = dy ⊙ G(v)    dv = backward of G for u ⊙ dy
class TrainingGated final : public TrainingLayer {
 public:
  TrainingGated(Shape in, std::unique_ptr<TrainingLayer> gate) : TrainingLayer(in, gate->out()), gate_(std::move(gate)) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t half = out().channels;
    float *const v = kept(second_, pass.images * out_size()), *const g = kept(gates_, pass.images * out_size());
    each_row(pass, [&](std::ptrdiff_t row) { std::copy_n(x + (2 * row + 1) * half, half, v + row * half); });
    gate_->forward(pass, v, g);
    each_row(pass, [&](std::ptrdiff_t row) {
      for (std::ptrdiff_t c = 0; c < half; ++c) y[row * half + c] = x[2 * row * half + c] * g[row * half + c];
    });
  }
  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t half = out().channels;
    const float* const g = gates_.data();
    TrainingPass::Loan slope(pass, pass.images * out_size()), below(pass, pass.images * out_size());
    each_row(pass, [&](std::ptrdiff_t row) {
      for (std::ptrdiff_t c = 0; c < half; ++c) slope.data()[row * half + c] = x[2 * row * half + c] * dy[row * half + c];
    });
    gate_->backward(pass, second_.data(), slope.data(), below.data());
    if (dx == nullptr) return;
    each_row(pass, [&](std::ptrdiff_t row) {
      for (std::ptrdiff_t c = 0; c < half; ++c) dx[2 * row * half + c] = g[row * half + c] * dy[row * half + c];
      std::copy_n(below.data() + row * half, half, dx + (2 * row + 1) * half);
    });
  }
  std::size_t scratch_floats() const override { return gate_->scratch_floats(); }

 private:
  template <class Use>
  void each_row(TrainingPass& pass, const Use& use) const {
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      for (std::ptrdiff_t row = image * positions(); row < (image + 1) * positions(); ++row) use(row);
    });
  }

  std::unique_ptr<TrainingLayer> gate_;
  Buffer second_, gates_;
};

}  // namespace tessera::detail
