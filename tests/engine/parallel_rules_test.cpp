// SPDX-License-Identifier: MIT
//
// Engine against reference for branches side by side, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

TEST_CASE("A spatial function beside a depthwise convolution equals the reference") {
  check<Shape{4, 4, 24}, SpatialBlock<Attention<3>, LayerScale>>();
  check<Shape{5, 7, 17}, SpatialBlock<AcrossTokens<FeedForward<17>>, LayerScale>>();
  check<Shape{5, 7, 17}, SpatialBlock<AcrossTokens<FeedForward<17>>>>();
  check<Shape{1, 1, 8}, SpatialBlock<AcrossTokens<FeedForward<2>>>>();
  check<Shape{6, 5, 33}, Residual<DepthwiseConvolution<>>>();
  check<Shape{6, 5, 33}, Residual<DepthwiseConvolution<3, Bias::none>>>();
  check<Shape{6, 5, 33}, Residual<DepthwiseConvolution<5>>>();
}

TEST_CASE("Other parallel branches equal the reference") {
  check<Shape{4, 5, 12}, Parallel<Linear<7>, Sequential<LayerNorm<>, Named<"x", Linear<7>>>>>();
  check<Shape{4, 5, 12}, Residual<Named<"q", Parallel<Linear<>, Sequential<LayerNorm<>, Named<"x", Linear<>>>, Affine>>>>();
  check<Shape{4, 5, 12}, Residual<Parallel<Sequential<Affine, Attention<2>>, DepthwiseConvolution<>>>>();
}
