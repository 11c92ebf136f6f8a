// SPDX-License-Identifier: MIT
#pragma once

// Engine against reference, for layers on a shape.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/layers/depthwise_convolution.hpp"
#include "tessera/layers/layer_norm.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/residual.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

// Layers on a map: equal to the reference, none of them run as it, and the same bits for two workers.
template <tessera::Shape S, class... Layers>
void check(tessera::Shape image = S) {
  using N = tessera::Network<S, Layers...>;
  static_assert(tessera::Model<N>::reference_layers.empty());
  for (const std::uint64_t seed : {1U, 2U, 3U}) REQUIRE(engine_error<N>(seed, image) <= float_tolerance);
  const tessera::Model<N> model(random_weights<N>());
  const auto x = random_tensor<S>(1, image);
  tessera::ThreadPoolWorkers workers(2);
  REQUIRE(model(x) == model(x, workers));
}

// The error of layers on a map.
template <int Height, int Width, int Channels, class... Layers>
double error_on() {
  return engine_error<tessera::Network<tessera::Shape{Height, Width, Channels}, Layers...>>();
}

// A residual branch behind a layer norm.
template <class... Layers>
using Normed = tessera::Residual<tessera::Named<"norm", tessera::LayerNorm<>>, Layers...>;

// The same beside a depthwise convolution, as in SPACH.
template <class... Layers>
using SpatialBlock = tessera::Residual<tessera::Parallel<tessera::Sequential<tessera::Named<"norm", tessera::LayerNorm<>>, Layers...>,
                                                         tessera::Named<"cpe", tessera::DepthwiseConvolution<>>>>;
