// SPDX-License-Identifier: MIT
//
// The element-wise layers and the mean against their equations.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/identity.hpp"
#include "tessera/layers/mean_pool.hpp"

using namespace tessera;

namespace {

constexpr Shape small{3, 5, 7};

template <class L>
struct Applied {
  using N = Network<small, L>;
  Weights<N> weights = random_weights<N>();
  Tensor<small> x = random_tensor<small>();
  Tensor<N::output> y = weights(x);
  const auto& layer() const { return weights.layers().members().head; }
};

bool almost_equal(double a, double b) { return std::abs(a - b) <= 1e-6 * std::max(1.0, std::abs(b)); }

}  // namespace

TEST_CASE("Affine scales and shifts each channel on its own") {
  const Applied<Affine> run;
  for (std::size_t i = 0; i < run.x.size(); ++i) {
    const std::size_t c = i % 7;
    REQUIRE(almost_equal(run.y[i], double{run.layer().alpha().data()[c]} * run.x[i] + run.layer().beta().data()[c]));
  }
}

TEST_CASE("LayerScale scales each channel on its own") {
  const Applied<LayerScale> run;
  for (std::size_t i = 0; i < run.x.size(); ++i) REQUIRE(almost_equal(run.y[i], double{run.layer().gamma().data()[i % 7]} * run.x[i]));
}

TEST_CASE("Dropout and stochastic depth leave everything as it is and have no parameters") {
  const Applied<Dropout> dropout;
  const Applied<StochasticDepth> depth;
  STATIC_REQUIRE(Applied<Dropout>::N::parameter_count == 0);
  STATIC_REQUIRE(Applied<StochasticDepth>::N::parameter_count == 0);
  REQUIRE(std::equal(dropout.x.begin(), dropout.x.end(), dropout.y.begin()));
  REQUIRE(std::equal(depth.x.begin(), depth.x.end(), depth.y.begin()));
}

TEST_CASE("MeanPool averages every channel over all positions") {
  const Applied<MeanPool> run;
  STATIC_REQUIRE(Applied<MeanPool>::N::output == Shape{1, 1, 7});
  for (std::size_t c = 0; c < 7; ++c) {
    double sum = 0;
    for (std::size_t n = 0; n < 15; ++n) sum += run.x[n * 7 + c];
    REQUIRE(almost_equal(run.y[c], sum / 15));
  }
}

TEST_CASE("GELU has its erf and its tanh form, ReLU cuts at zero") {
  using One = Shape;
  constexpr One line{1, 1, 9};
  Tensor<line> x;
  const float points[] = {-10, -3, -1, -0.5F, 0, 0.5F, 1, 3, 10};
  std::copy(std::begin(points), std::end(points), x.begin());
  const auto erf = Weights<Network<line, Gelu>>()(x);
  const auto tanh = Weights<Network<line, GeluTanh>>()(x);
  const auto relu = Weights<Network<line, Relu>>()(x);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double v = x[i];
    REQUIRE(almost_equal(erf[i], 0.5 * v * (1 + std::erf(v / std::sqrt(2.0)))));
    REQUIRE(almost_equal(tanh[i], 0.5 * v * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (v + 0.044715 * v * v * v)))));
    REQUIRE(relu[i] == std::max(x[i], 0.0F));
  }
  REQUIRE(std::abs(erf[7] - tanh[7]) > 1e-5F);
}
