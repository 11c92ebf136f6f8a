// SPDX-License-Identifier: MIT

#include "catch.hpp"
#include "random.hpp"

using namespace tessera;

namespace {

constexpr double depthwise_tolerance = 2e-6;

template <int Channels, class... Layers>
void check_all_sizes() {
  using Any = Network<Shape{Dynamic, Dynamic, Channels}, Layers...>;
  for (const auto& [height, width] : {std::pair{1, 1}, {1, 7}, {2, 1}, {2, 2}, {3, 5}, {8, 2}, {14, 13}}) {
    CAPTURE(Channels, height, width);
    CHECK(engine_error<Any>(1, {height, width, Channels}) < depthwise_tolerance);
  }
}

}  // namespace

TEST_CASE("Depthwise convolutions equal the reference") {
  check_all_sizes<32, DepthwiseConvolution<3>>();
  check_all_sizes<37, DepthwiseConvolution<3, Bias::none>>();
  check_all_sizes<3, DepthwiseConvolution<3>>();
  check_all_sizes<5, DepthwiseConvolution<5>>();  // no rule: the reference itself
}

TEST_CASE("A layer norm in front of a depthwise convolution keeps a border of zeros") {
  check_all_sizes<48, Named<"norm", LayerNorm<1e-5>>, Named<"connect", DepthwiseConvolution<3, Bias::none>>>();
  check_all_sizes<21, LayerNorm<>, DepthwiseConvolution<3>, Relu>();
  check_all_sizes<20, Residual<LayerNorm<1e-5>, DepthwiseConvolution<3>>>();
}
