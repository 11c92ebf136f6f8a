// SPDX-License-Identifier: MIT
#pragma once

// Multi-head self-attention in training. For each head, with the softmax P = softmax(q·kᵀ/√d) and o = P·v,
//
//     dv = Pᵀ·do    dP = do·vᵀ    dS = P ⊙ (dP - Σ_m P·dP)    dq = dS·k/√d    dk = dSᵀ·q/√d
//
// The linear layers before and after are dense layers (layers/dense.hpp). P is computed again for the backward pass.

#include <cmath>

#include "tessera/core/eigen.hpp"
#include "tessera/train/layers/dense.hpp"

namespace tessera::detail {

template <Isa I>
class TrainingAttention final : public TrainingLayer {
  using Matrix = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;
  using ConstMatrix = Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>, 0, Eigen::OuterStride<>>;

 public:
  TrainingAttention(Shape shape, int heads, Trained qkv_weight, Trained qkv_bias, Trained proj_weight, Trained proj_bias)
      : TrainingLayer(shape, shape),
        heads_(heads),
        qkv_(shape, {shape.height, shape.width, 3 * shape.channels}, qkv_weight, qkv_bias),
        proj_(shape, shape, proj_weight, proj_bias) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    float *const qkv = kept(qkv_kept_, 3 * pass.images * in_size()), *const mixed = kept(mixed_kept_, pass.images * in_size());
    qkv_.forward(pass, x, qkv);
    pass.for_images([&](std::ptrdiff_t image, Scratch& scratch) {
      Scratch::Frame frame(scratch);
      Matrix p(frame.take(square()), positions(), positions(), Eigen::OuterStride<>(positions()));
      for (int head = 0; head < heads_; ++head) {
        softmax(qkv, image, head, p);
        Matrix(mixed + image * in_size() + head * width(), positions(), width(), Eigen::OuterStride<>(channels())).noalias() =
            p * part(qkv, image, head, 2);
      }
    });
    proj_.forward(pass, mixed, y);
  }

  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    TrainingPass::Loan slope(pass, pass.images * in_size()), below(pass, 3 * pass.images * in_size());
    proj_.backward(pass, mixed_kept_.data(), dy, slope.data());
    const float* const qkv = qkv_kept_.data();
    pass.for_images([&](std::ptrdiff_t image, Scratch& scratch) {
      Scratch::Frame frame(scratch);
      const Eigen::OuterStride<> stride(positions());
      Matrix p(frame.take(square()), positions(), positions(), stride), dp(frame.take(square()), positions(), positions(), stride);
      for (int head = 0; head < heads_; ++head) {
        softmax(qkv, image, head, p);
        const ConstMatrix from(slope.data() + image * in_size() + head * width(), positions(), width(), Eigen::OuterStride<>(channels()));
        part(below.data(), image, head, 2).noalias() = p.transpose() * from;
        dp.noalias() = from * part(qkv, image, head, 2).transpose();
        for (std::ptrdiff_t n = 0; n < positions(); ++n)
          dp.row(n) = scale() * (p.row(n).array() * (dp.row(n).array() - p.row(n).dot(dp.row(n)))).matrix();
        part(below.data(), image, head, 0).noalias() = dp * part(qkv, image, head, 1);
        part(below.data(), image, head, 1).noalias() = dp.transpose() * part(qkv, image, head, 0);
      }
    });
    qkv_.backward(pass, x, below.data(), dx);
  }

  std::size_t scratch_floats() const override {
    return std::max({qkv_.scratch_floats(), proj_.scratch_floats(), 2 * Scratch::rounded(square())});
  }

 private:
  std::ptrdiff_t width() const { return channels() / heads_; }
  std::size_t square() const { return static_cast<std::size_t>(positions() * positions()); }
  float scale() const { return 1.0F / std::sqrt(static_cast<float>(width())); }
  // Queries (0), keys (1) or values (2) of a head.
  template <class Scalar>
  auto part(Scalar* qkv, std::ptrdiff_t image, int head, std::ptrdiff_t which) const {
    using Map = std::conditional_t<std::is_const_v<Scalar>, ConstMatrix, Matrix>;
    return Map(qkv + 3 * image * in_size() + which * channels() + head * width(), positions(), width(),
               Eigen::OuterStride<>(3 * channels()));
  }
  void softmax(const float* qkv, std::ptrdiff_t image, int head, Matrix& p) const {
    p.noalias() = part(qkv, image, head, 0) * part(qkv, image, head, 1).transpose();
    for (std::ptrdiff_t n = 0; n < positions(); ++n) {
      auto row = p.row(n).array();
      row = ((row - row.maxCoeff()) * scale()).exp();
      row /= row.sum();
    }
  }

  int heads_;
  TrainingDense<I> qkv_, proj_;
  Buffer qkv_kept_, mixed_kept_;
};

}  // namespace tessera::detail
