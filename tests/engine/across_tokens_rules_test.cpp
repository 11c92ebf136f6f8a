// SPDX-License-Identifier: MIT
//
// Engine against reference for layers over tokens, attention and shared layers that no neighbour takes in, on shapes that do not fit the
// register tiles.

#include "engine/check_rule.hpp"
#include "tessera/layers/attention.hpp"
#include "tessera/models/gmlp.hpp"

using namespace tessera;

TEST_CASE("A linear layer over tokens equals the reference") {
  check<Shape{1, 1, 1}, AcrossTokens<Linear<>>>();
  check<Shape{5, 3, 17}, Named<"t", AcrossTokens<Named<"l", Linear<>>>>>();
  check<Shape{14, 14, 131}, AcrossTokens<Linear<>>>();
  check<Shape{14, 14, 256}, AcrossTokens<Linear<>>>();  // by Strassen's algorithm with AVX-512
  check<Shape{6, 5, 12}, Normed<AcrossTokens<Linear<>>>>();
  check<Shape{6, 5, 12}, Named<"n", LayerNorm<>>, AcrossTokens<Linear<>>>();
  check<Shape{3, 5, 8}, Gated<Named<"n", LayerNorm<>>, Named<"l", AcrossTokens<Linear<>>>>>();
}

TEST_CASE("Several layers over tokens equal the reference") {
  check<Shape{3, 5, 8}, AcrossTokens<FeedForward<4>>>();
  check<Shape{1, 2, 3}, AcrossTokens<Named<"f", FeedForward<5>>>>();
  check<Shape{7, 7, 77}, Residual<Named<"t", AcrossTokens<FeedForward<20, Relu>>>>>();
  check<Shape{6, 5, 33}, AcrossTokens<Sequential<Named<"n", LayerNorm<>>, Named<"a", Linear<44>>, Gated<Relu>, Named<"b", Linear<30>>>>>();
  check<Shape{14, 14, 96}, Residual<Named<"n", LayerNorm<>>, AcrossTokens<Sequential<Named<"a", Linear<98>>, Named<"b", Linear<196>>>>>>();
  check<Shape{9, 5, 18}, Named<"f", SpatialGatedFeedForward<40, Relu>>>();
}

TEST_CASE("What is inside of layers over tokens can be asked for, turned") {
  using N = Network<Shape{2, 3, 4}, Named<"t", AcrossTokens<Sequential<Named<"a", Linear<5>>, Named<"b", Linear<6>>>>>>;
  using Turned = Network<Shape{1, 4, 6}, Named<"t", Named<"a", Linear<5>>>>;
  CHECK(Model<N>::intermediates() == std::vector<std::string>{"t.a", "t.b", "t"});
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>();
  Tensor<Turned::input> turned;
  for (std::size_t n = 0; n < 6; ++n)
    for (std::size_t c = 0; c < 4; ++c) turned[c * 6 + n] = x[n * 4 + c];
  Weights<Turned> first;
  first.allocate();
  for (const char* const key : {"t.a.weight", "t.a.bias"}) std::ranges::copy(weights[key], first[key].begin());
  const auto want = first(turned);
  const auto got = Model<N>(weights).intermediate(x, "t.a");
  REQUIRE(got.shape() == Shape{1, 4, 5});
  for (std::size_t i = 0; i < want.size(); ++i) CHECK(std::abs(want[i] - got[i]) < float_tolerance);
}

TEST_CASE("Attention without a layer norm equals the reference") {
  check<Shape{1, 1, 4}, Named<"a", Attention<2>>>();
  check<Shape{5, 7, 18}, Named<"a", Attention<3, Bias::none>>>();
  check<Shape{5, 7, 18}, Residual<Named<"a", Attention<3>>>>();
  check<Shape{12, 8, 64}, Named<"n", LayerNorm<>>, Named<"a", Attention<2>>>();
}

TEST_CASE("A shared layer that stands alone equals the reference, and is packed once") {
  using Block = Sequential<Residual<Named<"t", Shared<AcrossTokens<FeedForward<10>>>>>, Named<"l", Shared<Linear<9>>>>;
  check<Shape{3, 4, 9}, Named<"blocks", Repeat<3, Block>>>();
  using N = Network<Shape{3, 4, 9}, Named<"blocks", Repeat<2, Named<"l", Shared<Linear<>>>>>>;
  CHECK(Model<N>::intermediates() == std::vector<std::string>{"blocks.0", "blocks.1", "blocks"});
  check<Shape{3, 4, 9}, Named<"blocks", Repeat<2, Named<"l", Shared<Linear<>>>>>>();
}
