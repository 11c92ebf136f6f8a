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

template <tessera::Shape S, class... Layers>
void check() {
  for (const std::uint64_t seed : {1U, 2U, 3U}) REQUIRE(engine_error<tessera::Network<S, Layers...>>(seed) <= float_tolerance);
}

// The same for layers of which none runs as its reference.
template <tessera::Shape S, class... Layers>
void check_fused() {
  static_assert(tessera::Model<tessera::Network<S, Layers...>>::reference_layers.empty());
  check<S, Layers...>();
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
