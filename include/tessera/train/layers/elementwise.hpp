// SPDX-License-Identifier: MIT
#pragma once

// Activations, and scale and shift of every channel, in training:
//
//     y = f(x)              dx = f'(x) · dy
//     y = α ⊙ x + β         dx = α ⊙ dy        dα[c] += Σ_n x[n,c]·dy[n,c]        dβ[c] += Σ_n dy[n,c]
//
// Their results are computed again for the backward pass.

#include "tessera/kernels/activations.hpp"
#include "tessera/train/training_layer.hpp"

namespace tessera::detail {

// φ(x) = exp(-x²/2) / √(2π), the density of the normal distribution.
template <class P>
EIGEN_ALWAYS_INLINE P normal_density(const P& x) {
  using namespace Eigen::internal;
  return pmul(pexp(pmul(pmul(x, x), pset1<P>(-0.5F))), pset1<P>(0.39894228040143268F));
}
// 1 / (1 + exp(-x)).
template <class P>
EIGEN_ALWAYS_INLINE P logistic(const P& x) {
  using namespace Eigen::internal;
  return pdiv(pset1<P>(1.0F), padd(pexp(pnegate(x)), pset1<P>(1.0F)));
}

// f'(x) of each activation, from x.
struct GeluSlope {
  // Φ(x) + x·φ(x). Φ(x) = (x·Φ(x)) / x where x is large enough for that quotient, and ½ + x/√(2π) near zero.
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    const P density = normal_density(x), near_zero = pcmp_lt(pabs(x), pset1<P>(0.01F));
    const P quotient = pdiv(GeluKernel::apply(x), pselect(near_zero, pset1<P>(1.0F), x));
    const P linear = pmadd(x, pset1<P>(0.39894228040143268F), pset1<P>(0.5F));
    return pmadd(x, density, pselect(near_zero, linear, quotient));
  }
};
struct GeluTanhSlope {
  // With t = tanh(a(x + bx³)): ½(1 + t) + ½x(1 - t²)·a(1 + 3bx²).
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    const P one = pset1<P>(1.0F), half = pset1<P>(0.5F), square = pmul(x, x), a = pset1<P>(0.79788456080286536F);
    const P t = ptanh(pmul(a, pmul(x, pmadd(square, pset1<P>(0.044715F), one))));
    const P inner = pmul(a, pmadd(square, pset1<P>(0.134145F), one));
    return pmul(half, padd(padd(one, t), pmul(pmul(x, psub(one, pmul(t, t))), inner)));
  }
};
struct ReluSlope {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    return pselect(pcmp_lt(pset1<P>(0.0F), x), pset1<P>(1.0F), pset1<P>(0.0F));
  }
};
struct SiluSlope {
  // With s = 1 / (1 + exp(-x)): s + x·s·(1 - s).
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    const P s = logistic(x);
    return pmadd(pmul(x, s), psub(pset1<P>(1.0F), s), s);
  }
};

// use(packet of each of the inputs) gives the packets of `to`, n floats; the last packet goes through a copy.
template <Isa I, class Use>
void each_packet_of(const float* a, const float* b, float* to, std::ptrdiff_t n, const Use& use) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  std::ptrdiff_t i = 0;
  for (; i + lanes_of<I> <= n; i += lanes_of<I>) pstoreu(to + i, use(P(ploadu<P>(a + i)), P(ploadu<P>(b + i))));
  if (i == n) return;
  float last_a[lanes_of<I>] = {}, last_b[lanes_of<I>] = {};
  std::copy(a + i, a + n, last_a);
  std::copy(b + i, b + n, last_b);
  pstoreu(last_a, use(P(ploadu<P>(last_a)), P(ploadu<P>(last_b))));
  std::copy_n(last_a, n - i, to + i);
}

template <Isa I, class Kernel, class Slope>
class TrainingActivation final : public TrainingLayer {
 public:
  explicit TrainingActivation(Shape shape) : TrainingLayer(shape, shape) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    pass.for_groups([&](std::ptrdiff_t, std::ptrdiff_t image, std::ptrdiff_t images, Scratch&) {
      const std::ptrdiff_t begin = image * in_size();
      each_packet_of<I>(x + begin, x + begin, y + begin, images * in_size(), [](const auto& p, const auto&) { return Kernel::apply(p); });
    });
  }
  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    if (dx == nullptr) return;
    pass.for_groups([&](std::ptrdiff_t, std::ptrdiff_t image, std::ptrdiff_t images, Scratch&) {
      const std::ptrdiff_t begin = image * in_size();
      each_packet_of<I>(x + begin, dy + begin, dx + begin, images * in_size(),
                        [](const auto& p, const auto& slope) { return Eigen::internal::pmul(Slope::apply(p), slope); });
    });
  }
  bool runs_again() const override { return true; }
};

// Affine with α and β, LayerScale with α alone.
template <Isa I>
class TrainingScale final : public TrainingLayer {
 public:
  TrainingScale(Shape shape, Trained scale, Trained shift) : TrainingLayer(shape, shape), scale_(scale), shift_(shift) {}

  void forward(TrainingPass& pass, const float* x, float* y) override {
    const std::ptrdiff_t n = channels();
    TrainingPass::Loan zeros(pass, n);
    std::fill_n(zeros.data(), n, 0.0F);
    const float *const scale = scale_.values, *const shift = shift_.values == nullptr ? zeros.data() : shift_.values;
    each_row(pass, [&](std::ptrdiff_t at) {
      for (std::ptrdiff_t c = 0; c < n; ++c) y[at + c] = scale[c] * x[at + c] + shift[c];
    });
  }
  void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) override {
    const std::ptrdiff_t n = channels();
    TrainingPass::Loan total(pass, 2 * n);
    pass.sum_over_groups(2 * n, total.data(), [&](std::ptrdiff_t image, std::ptrdiff_t images, float* sums, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + images) * in_size(); at += n) add_row(x + at, dy + at, sums, n);
    });
    add_to(scale_.gradient, total.data(), n);
    if (shift_.gradient != nullptr) add_to(shift_.gradient, total.data() + n, n);
    if (dx == nullptr) return;
    const float* const scale = scale_.values;
    each_row(pass, [&](std::ptrdiff_t at) {
      for (std::ptrdiff_t c = 0; c < n; ++c) dx[at + c] = scale[c] * dy[at + c];
    });
  }
  bool runs_again() const override { return true; }

 private:
  static void add_row(const float* x, const float* dy, float* sums, std::ptrdiff_t n) {
    float* const shift = sums + n;
    for (std::ptrdiff_t c = 0; c < n; ++c) {
      sums[c] += x[c] * dy[c];
      shift[c] += dy[c];
    }
  }
  template <class Use>
  void each_row(TrainingPass& pass, const Use& use) const {
    pass.for_images([&](std::ptrdiff_t image, Scratch&) {
      for (std::ptrdiff_t at = image * in_size(); at < (image + 1) * in_size(); at += channels()) use(at);
    });
  }

  Trained scale_, shift_;
};

}  // namespace tessera::detail
