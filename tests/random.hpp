// SPDX-License-Identifier: MIT
#pragma once

// Random numbers for networks and images, the same on every machine: the fill rule of io/self_test.hpp.

#include <vector>

#include "tessera/engine/model.hpp"
#include "tessera/io/self_test.hpp"

// A network whose parameters follow the fill rule's bounds for their keys; unknown keys are uniform in ±0.5.
template <class N>
tessera::Weights<N> random_weights(std::uint64_t seed = 1) {
  tessera::Weights<N> weights;
  weights.allocate();
  for (const auto& [key, parameter] : weights.parameters()) {
    std::vector<std::int64_t> extents;
    for (int axis = 0; axis < parameter->rank(); ++axis) extents.push_back(parameter->extent(axis));
    tessera::FillBounds bounds{-0.5F, 0.5F};
    try {
      bounds = tessera::fill_bounds(key, extents);
    } catch (const tessera::Error&) {
    }
    // The weights' own memory, because layers without names may have parameters of one key.
    tessera::fill(key, seed, bounds.lo, bounds.hi, {const_cast<float*>(parameter->data()), static_cast<std::size_t>(parameter->size())});
  }
  return weights;
}

template <tessera::Shape S>
tessera::Tensor<S> random_tensor(std::uint64_t seed = 1, tessera::Shape shape = S) {
  tessera::Tensor<S> x(shape);
  tessera::fill("input", seed, -2.0F, 2.0F, {x.data(), x.size()});
  return x;
}

// The largest difference between the engine and the reference, relative to the largest output (at least 1).
template <class N, tessera::Engine E = tessera::fast_engine>
double engine_error(std::uint64_t seed = 1, tessera::Shape image = N::input) {
  const auto weights = random_weights<N>(seed);
  const tessera::Model<N, E> model(weights);
  const auto x = random_tensor<N::input>(seed, image);
  const auto want = weights(x);
  const auto got = model(x);
  double error = 0, largest = 1;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const double difference = std::abs(double{got[i]} - want[i]);
    error = std::isnan(difference) ? INFINITY : std::max(error, difference);
    largest = std::max(largest, std::abs(double{want[i]}));
  }
  return error / largest;
}

// Sums of a few hundred float32 products in another order: 1e-5 is about a hundred roundings of a number near one.
inline constexpr double float_tolerance = 1e-5;
