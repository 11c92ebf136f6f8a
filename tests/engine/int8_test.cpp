// SPDX-License-Identifier: MIT
//
// The engine with products of bytes: every pattern that has them is near the same pattern in float32, and neither threads nor batches
// change a bit.

#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;

namespace {

using Norm = Named<"norm", LayerNorm<>>;
// One pattern each, in a branch whose result has the name "f" and that has several tiles and an incomplete one.
template <class... Layers>
using Branch = Network<Shape{9, 7, 72}, Residual<Layers...>>;
using Channels = Branch<Norm, Named<"f", FeedForward<100>>>;
using Scaled = Branch<Named<"a", Affine>, Named<"m", FeedForward<260>>, Named<"f", LayerScale>>;
using GatedChannels = Branch<Norm, Named<"f", GatedFeedForward<192>>>;
using Tokens = Branch<Norm, Named<"f", AcrossTokens<FeedForward<50>>>>;
using CrossPatch = Branch<Named<"a", Affine>, Named<"t", AcrossTokens<Linear<>>>, Named<"f", LayerScale>>;
using Attends = Branch<Norm, Named<"f", Attention<4>>>;
// With several tiles and windows at the edge of the map.
using Strided = Network<Shape{17, 15, 8}, Named<"f", Convolution<40, 3, 2, 1>>>;
using Pointwise = Network<Shape{9, 7, 72}, Sequential<Named<"c", Convolution<40, 1, 1, 0>>, Named<"n", BatchNorm>, Named<"f", Relu>>>;
using Embeds = Network<Shape{24, 16, 3}, Named<"f", PatchEmbed<4, 40>>>;
using AnySize = Network<Shape{Dynamic, Dynamic, 40}, Residual<Norm, Named<"f", FeedForward<64>>>>;

// Root mean square of the differences between two tensors, over that of the second.
template <class X, class Y>
double error_between(const X& x, const Y& y) {
  double error = 0, power = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    error += std::pow(double{x[i]} - double{y[i]}, 2);
    power += std::pow(double{y[i]}, 2);
  }
  return std::sqrt(error / power);
}

template <class N>
double branch_error(Shape image = N::input) {
  const auto weights = random_weights<N>();
  const auto x = random_tensor<N::input>(1, image);
  return error_between(Model<N, int8_engine>(weights).intermediate(x, "f"), Model<N>(weights).intermediate(x, "f"));
}

constexpr bool has_bytes = detail::Int8Dot<native_isa>::fast;

// Convolutions are bytes where weights have 8 bits.
constexpr bool has_convolutions = has_bytes && detail::Int8Dot<native_isa>::most_weight == 127;

// Uniform numbers have an error of about 1 in 255·√3 of their size each, operand by operand, and twice as much where weights have 7 bits.
constexpr double most_error = 0.02;

}  // namespace

TEST_CASE("Products of bytes are near those of floats, in every pattern that has them") {
  // They are bytes: the results are not the same.
  const double least_error = has_bytes ? 1e-4 : 0.0;
  for (const double error : {branch_error<Channels>(), branch_error<Scaled>(), branch_error<GatedChannels>(), branch_error<Tokens>(),
                             branch_error<CrossPatch>(), branch_error<Attends>(), branch_error<AnySize>({5, 6, 40})}) {
    CHECK(error >= least_error);
    CHECK(error <= most_error);
  }
}

TEST_CASE("Convolutions of bytes are near those of floats") {
  for (const double error : {branch_error<Strided>(), branch_error<Pointwise>(), branch_error<Embeds>()}) {
    CHECK(error >= (has_convolutions ? 1e-4 : 0.0));
    CHECK(error <= most_error);
  }
}

TEMPLATE_LIST_TEST_CASE("A network with products of bytes is near itself in float32", "", Networks) {
  const auto weights = random_weights<TestType>();
  const auto x = random_tensor<TestType::input>();
  CHECK(error_between(Model<TestType, int8_engine>(weights)(x), Model<TestType>(weights)(x)) <= 2 * most_error);
}

TEMPLATE_TEST_CASE("Every number of threads and every batch gives the same bits with products of bytes", "", Channels, GatedChannels,
                   Tokens, CrossPatch, Attends, Strided) {
  constexpr int most = 3;
  const Model<TestType, int8_engine> model(random_weights<TestType>());
  Batch<TestType::input> x(most);
  for (int image = 0; image < most; ++image) {
    const auto pixels = random_tensor<TestType::input>(static_cast<std::uint64_t>(image));
    std::copy(pixels.begin(), pixels.end(), x[image].data());
  }
  for (const int threads : {1, 2, 3}) {
    CAPTURE(threads);
    ThreadPoolWorkers workers(threads);
    const auto y = model(x, workers);
    for (int image = 0; image < most; ++image) {
      const auto want = model(std::as_const(x)[image]);
      REQUIRE(std::equal(want.begin(), want.end(), y[image].data()));
    }
  }
}

TEST_CASE("A pixel that is not a number makes the scores NaN") {
  using Tiny = std::tuple_element_t<0, Networks>;
  const Model<Tiny, int8_engine> model(random_weights<Tiny>());
  auto x = random_tensor<Tiny::input>();
  x[100] = std::nanf("");
  const auto y = model(x);
  CHECK(std::all_of(y.begin(), y.end(), [](float score) { return std::isnan(score); }));
}
