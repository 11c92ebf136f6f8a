// SPDX-License-Identifier: MIT
//
// Engine against reference for layers on single channels where no neighbour takes them in, on shapes that do not fit the packets.

#include "engine/check_rule.hpp"
#include "tessera/layers/batch_norm.hpp"
#include "tessera/layers/gated.hpp"
#include "tessera/layers/mean_pool.hpp"

using namespace tessera;

namespace {

// On a few sizes: less than a packet, more, and many.
template <class... Layers>
void check_sizes() {
  check<Shape{1, 1, 2}, Layers...>();
  check<Shape{3, 5, 14}, Layers...>();
  check<Shape{4, 3, 64}, Layers...>();
  check<Shape{14, 13, 70}, Layers...>();
}

}  // namespace

TEST_CASE("A lone activation runs on packets") {
  check_sizes<Gelu>();
  check_sizes<Named<"act", GeluTanh>>();
  check_sizes<Relu, Silu>();
}

TEST_CASE("A scale or a shift of channels alone runs on packets") {
  check_sizes<Affine>();
  check_sizes<Named<"ls", LayerScale>>();
  check_sizes<LeadingAxes<2, LayerScale>, Affine>();
  check_sizes<BatchNorm>();
  check_sizes<Residual<BatchNorm, Gelu, LayerScale>>();
}

TEST_CASE("A mean over positions alone runs on packets") {
  check_sizes<MeanPool>();
  check_sizes<MeanPool, Linear<5>>();
  check_sizes<Gelu, MeanPool>();
  check<Shape{Dynamic, Dynamic, 19}, Affine, Relu, MeanPool>({5, 7, 19});
}

TEST_CASE("Depthwise convolutions run with windows of any size") {
  check_sizes<DepthwiseConvolution<1>>();
  check_sizes<DepthwiseConvolution<5>>();
  check_sizes<Named<"dw", DepthwiseConvolution<7, Bias::none>>>();
  check_sizes<Residual<DepthwiseConvolution<5>>>();
  check_sizes<LayerNorm<>, DepthwiseConvolution<7>, Gelu>();
  check_sizes<DepthwiseConvolution<9>>();
  check<Shape{17, 33, 40}, DepthwiseConvolution<5>>();
  check<Shape{7, 7, 40}, Residual<Parallel<Sequential<LayerNorm<>, FeedForward<9>>, DepthwiseConvolution<5>>>>();
  check<Shape{Dynamic, Dynamic, 19}, DepthwiseConvolution<7>>({5, 11, 19});
}

TEST_CASE("Layers inside of LeadingAxes run as they do outside of it") {
  check<Shape{3, 5, 14}, LeadingAxes<1, Residual<LayerNorm<>, LayerScale>>>();
  check<Shape{3, 5, 14}, LeadingAxes<1, Repeat<2, LayerNorm<>>>>();
  check<Shape{3, 5, 14}, LeadingAxes<2, Gated<LayerNorm<>, LayerScale>>>();
  check<Shape{3, 5, 14}, Repeat<2, LeadingAxes<1, Shared<Affine>>>>();
}
