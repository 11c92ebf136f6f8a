// SPDX-License-Identifier: MIT
//
// Layers made of layers: Parallel, Gated, Shared.

#include <set>

#include "catch.hpp"
#include "random.hpp"
#include "tessera/layers/across_tokens.hpp"
#include "tessera/layers/affine.hpp"
#include "tessera/layers/feed_forward.hpp"
#include "tessera/layers/gated_feed_forward.hpp"
#include "tessera/layers/parallel.hpp"
#include "tessera/layers/repeat.hpp"
#include "tessera/layers/shared.hpp"

using namespace tessera;

namespace {

constexpr Shape shape{3, 5, 8};

template <class... Layers>
using Net = Network<shape, Layers...>;

// Outputs of two networks with the same weights in the same order.
template <class A, class B>
void check_same(double tolerance = 1e-6) {
  auto a = random_weights<A>();
  auto b = random_weights<B>();
  const auto of_a = a.parameters(), of_b = b.parameters();
  REQUIRE(of_a.size() == of_b.size());
  for (std::size_t i = 0; i < of_a.size(); ++i) of_b[i].parameter->bind(of_a[i].parameter->data());
  const auto x = random_tensor<shape>();
  const auto y = a(x), z = b(x);
  for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(std::abs(y[i] - z[i]) <= tolerance);
}

}  // namespace

TEST_CASE("Parallel sums what its branches make of the same input") {
  using Both = Net<Parallel<Affine, Sequential<LayerScale, LayerScale>, Affine>>;
  STATIC_REQUIRE(Both::parameter_count == 6 * 8);
  const auto weights = random_weights<Both>();
  const auto x = random_tensor<shape>();
  const auto y = weights(x);
  const auto& members = weights.layers().members().head.members();
  const auto& a = members.head;
  const auto& b = members.tail.head.members();
  const auto& c = members.tail.tail.head;
  for (std::size_t i = 0; i < y.size(); ++i) {
    const std::size_t k = i % 8;
    const double want = double{a.alpha().data()[k]} * x[i] + a.beta().data()[k] +
                        double{b.head.gamma().data()[k]} * b.tail.head.gamma().data()[k] * x[i] + double{c.alpha().data()[k]} * x[i] +
                        c.beta().data()[k];
    REQUIRE(std::abs(y[i] - want) <= 2e-6);
  }
}

TEST_CASE("Parallel with one branch is that branch") { check_same<Net<Parallel<Linear<5>>>, Net<Linear<5>>>(); }

TEST_CASE("Gated weighs the first half of the channels by what its layers make of the second half") {
  const auto weights = random_weights<Net<Gated<Affine, Silu>>>();
  STATIC_REQUIRE(Net<Gated<Affine, Silu>>::output == Shape{3, 5, 4});
  const auto x = random_tensor<shape>();
  const auto y = weights(x);
  const auto& affine = weights.layers().members().head.gate().members().head;
  for (std::size_t n = 0; n < 15; ++n)
    for (std::size_t c = 0; c < 4; ++c) {
      const double v = double{affine.alpha().data()[c]} * x[n * 8 + 4 + c] + affine.beta().data()[c];
      REQUIRE(std::abs(y[n * 4 + c] - x[n * 8 + c] * v / (1 + std::exp(-v))) <= 2e-6);
    }
}

TEST_CASE("The gated feed-forwards are what their equations say") {
  check_same<Net<GatedFeedForward<6>>, Net<Linear<6>, Gated<Silu>, Linear<8>>>();
  check_same<Net<SpatialGatedFeedForward<6>>, Net<Linear<6>, Gelu, Gated<LayerNorm<1e-5>, AcrossTokens<Linear<>>>, Linear<8>>>();
}

TEST_CASE("Shared layers of a Repeat are one layer under several keys") {
  using Each = Net<Repeat<3, Residual<Named<"own", LayerScale>, Named<"mlp", FeedForward<4>>>>>;
  using One = Net<Repeat<3, Residual<Named<"own", LayerScale>, Named<"mlp", Shared<FeedForward<4>>>>>>;
  STATIC_REQUIRE(Each::parameter_count == 3 * 8 + 3 * (2 * 32 + 4 + 8));
  STATIC_REQUIRE(One::parameter_count == 3 * 8 + (2 * 32 + 4 + 8));
  STATIC_REQUIRE(One::macs == Each::macs);

  auto one = random_weights<One>();
  auto each = random_weights<Each>();
  const auto of_one = one.parameters(), of_each = each.parameters();
  REQUIRE(of_one.size() == of_each.size());
  std::set<const Parameter*> distinct;
  for (std::size_t i = 0; i < of_one.size(); ++i) {
    REQUIRE(of_one[i].key == of_each[i].key);
    distinct.insert(of_one[i].parameter);
    of_each[i].parameter->bind(of_one[i].parameter->data());
  }
  REQUIRE(distinct.size() == 3 + 4);
  const auto x = random_tensor<shape>();
  const auto y = one(x), z = each(x);
  REQUIRE(std::equal(y.begin(), y.end(), z.begin()));
}
