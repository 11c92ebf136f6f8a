// SPDX-License-Identifier: MIT
#pragma once

// Networks with random weights, to hold the engine against the reference.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/layers/weights.hpp"

namespace testing {

// Weights<N> with numbers: norms near one, variances positive, the rest scaled so that activations keep their size.
template <class N>
tessera::Weights<N> random_weights(unsigned seed) {
  tessera::Weights<N> weights;
  std::mt19937 random(seed);
  for (const auto& [key, parameter] : weights.parameters()) {
    const auto numbers = std::make_shared<tessera::Buffer>(static_cast<std::size_t>(parameter->size()));
    const auto inputs = static_cast<float>(parameter->size() / parameter->extent(0));
    const bool scale = key.ends_with("running_var") || (parameter->rank() == 1 && key.ends_with("weight"));
    std::uniform_real_distribution<float> number(scale ? 0.5F : -std::sqrt(3.0F / inputs), scale ? 1.5F : std::sqrt(3.0F / inputs));
    std::ranges::generate(numbers->span(), [&] { return number(random); });
    parameter->bind(numbers->data());
    weights.keep(numbers);
  }
  return weights;
}

template <class N>
tessera::Tensor<N::input> random_image(tessera::Shape shape, unsigned seed) {
  tessera::Tensor<N::input> x(shape);
  std::mt19937 random(seed + 1000);
  std::uniform_real_distribution<float> number(-2.0F, 2.0F);
  std::ranges::generate(x, [&] { return number(random); });
  return x;
}

// The largest difference between engine and reference on a random image, as a share of the largest output (of one, if that is larger).
template <class N>
double difference(tessera::Shape shape = N::input, unsigned seed = 1) {
  const auto weights = random_weights<N>(seed);
  const tessera::Model<N> model(weights);
  const auto x = random_image<N>(shape, seed);
  const auto want = weights(x), got = model(x);
  if (got.shape() != want.shape()) return INFINITY;
  double worst = 0, largest = 1;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double d = std::abs(double{got[i]} - double{want[i]});
    worst = std::isnan(d) ? INFINITY : std::max(worst, d);
    largest = std::max(largest, std::abs(double{want[i]}));
  }
  return worst / largest;
}

}  // namespace testing
