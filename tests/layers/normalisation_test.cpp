// SPDX-License-Identifier: MIT
//
// LayerNorm and GroupNorm against their equations, in double.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/layer_norm.hpp"

using namespace tessera;

namespace {

constexpr Shape norm_shape{3, 5, 12};
constexpr std::size_t positions = 15, width = 12;

// The numbers of positions [n0, n1) and channels [c0, c1), normalised together.
template <class N>
void check_group(const Tensor<norm_shape>& x, const Tensor<norm_shape>& y, const N& norm, std::size_t n0, std::size_t n1, std::size_t c0,
                 std::size_t c1, double epsilon, double allowed = 2e-6) {
  double mean = 0, square = 0;
  const auto count = static_cast<double>((n1 - n0) * (c1 - c0));
  for (std::size_t n = n0; n < n1; ++n)
    for (std::size_t c = c0; c < c1; ++c) mean += x[n * width + c] / count;
  for (std::size_t n = n0; n < n1; ++n)
    for (std::size_t c = c0; c < c1; ++c) square += (x[n * width + c] - mean) * (x[n * width + c] - mean) / count;
  for (std::size_t n = n0; n < n1; ++n)
    for (std::size_t c = c0; c < c1; ++c) {
      const double want = (x[n * width + c] - mean) / std::sqrt(square + epsilon) * norm.weight().data()[c] + norm.bias().data()[c];
      REQUIRE(std::abs(y[n * width + c] - want) <= allowed * std::max(1.0, std::abs(want)));
    }
}

template <class L>
struct NormRun {
  using N = Network<norm_shape, Named<"norm", L>>;
  Weights<N> weights = random_weights<N>();
  const auto& layer() const { return weights.layers().members().head; }
};

}  // namespace

TEST_CASE("LayerNorm brings each position to mean 0 and variance 1 over its channels") {
  const NormRun<LayerNorm<>> run;
  const auto x = random_tensor<norm_shape>();
  const auto y = run.weights(x);
  for (std::size_t n = 0; n < positions; ++n) check_group(x, y, run.layer(), n, n + 1, 0, width, 1e-6);
  STATIC_REQUIRE(NormRun<LayerNorm<>>::N::parameter_count == 24);
}

TEST_CASE("LayerNorm's epsilon is part of its type and shows where the variance is small") {
  auto x = random_tensor<norm_shape>();
  for (float& value : x) value *= 1e-3F;
  const NormRun<LayerNorm<>> small;
  const NormRun<LayerNorm<1e-5>> large;
  const auto y = small.weights(x), z = large.weights(x);
  for (std::size_t n = 0; n < positions; ++n) {
    check_group(x, y, small.layer(), n, n + 1, 0, width, 1e-6);
    check_group(x, z, large.layer(), n, n + 1, 0, width, 1e-5);
  }
  REQUIRE(std::abs(y[0] - z[0]) > 1e-2);
}

TEST_CASE("LayerNorm keeps its digits where the mean is large") {
  auto x = random_tensor<norm_shape>();
  for (float& value : x) value = std::round(value * 64) / 64 + 1000;
  const NormRun<LayerNorm<>> run;
  const auto y = run.weights(x);
  const Model<NormRun<LayerNorm<>>::N> model(run.weights);
  const auto z = model(x);
  for (std::size_t n = 0; n < positions; ++n) {
    // A mean near 1000 is known to 6e-5 in single precision.
    check_group(x, y, run.layer(), n, n + 1, 0, width, 1e-6, 2e-4);
    check_group(x, z, run.layer(), n, n + 1, 0, width, 1e-6, 2e-4);
  }
}

TEST_CASE("GroupNorm<> normalises an image as a whole") {
  const NormRun<GroupNorm<>> run;
  const auto x = random_tensor<norm_shape>();
  check_group(x, run.weights(x), run.layer(), 0, positions, 0, width, 1e-5);
}

TEST_CASE("GroupNorm with several groups normalises their channels over all positions") {
  const NormRun<GroupNorm<3>> run;
  const auto x = random_tensor<norm_shape>();
  const auto y = run.weights(x);
  for (std::size_t g = 0; g < 3; ++g) check_group(x, y, run.layer(), 0, positions, 4 * g, 4 * g + 4, 1e-5);
}
