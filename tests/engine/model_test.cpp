// SPDX-License-Identifier: MIT
#include "tessera/engine/model.hpp"

#include <cmath>
#include <sstream>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "networks.hpp"
#include "random.hpp"
#include "tessera/layers/identity.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;

namespace {

using Tiny = ResMlp<Shape{32, 32, 3}, 4, 48, 3, 10>;

using Norm = Named<"norm", LayerNorm<>>;
// A residual block of every kind.
using Mixed =
    Network<Shape{12, 12, 3}, Named<"stem", PatchEmbed<2, 32>>, Named<"a", Residual<Norm, Named<"mlp", AcrossTokens<FeedForward<20>>>>>,
            Named<"b", Residual<Norm, Named<"channels", FeedForward<40>>>>,
            Named<"c", Residual<Parallel<Sequential<Norm, Named<"tokens", AcrossTokens<FeedForward<24>>>>,
                                         Named<"convolution", DepthwiseConvolution<>>>>>,
            Named<"d", Residual<Named<"position", DepthwiseConvolution<>>>>,
            Named<"e", Residual<Norm, Named<"attention", Attention<4>>, Dropout>>,
            Named<"f", Residual<Norm, Named<"gated", SpatialGatedFeedForward<64>>>>, MeanPool>;
// Branches without a rule: what is inside of them has names as well.
using Unfused = Network<Shape{6, 5, 8}, Named<"a", Residual<Named<"r", Residual<Named<"s", MaxPool<3, 1, 1>>>>, Named<"l", Linear<>>>>,
                        Named<"p", Parallel<Named<"q", Linear<>>, Sequential<Norm, Named<"t", Linear<>>>>>,
                        Named<"i", Repeat<2, Residual<Named<"u", Linear<>>>>>>;

template <class N>
void check_names() {
  struct Names : Observer {
    std::vector<std::string> seen;
    void see(std::string_view name, Shape shape, const float* x) override {
      seen.emplace_back(name);
      for (std::int64_t i = 0; i < shape.size(); ++i) REQUIRE(std::isfinite(x[i]));
    }
  } names;
  const Model<N> model(random_weights<N>());
  model.observe(random_tensor<N::input>(), names);
  REQUIRE(names.seen == Model<N>::intermediates());
}

// The sum of the first results is the last one.
template <class N>
void check_branches(std::initializer_list<std::string_view> parts, std::string_view all) {
  const Model<N> model(random_weights<N>());
  const auto x = random_tensor<N::input>();
  const auto want = model.intermediate(x, all);
  std::vector<double> sum(want.size());
  for (const auto& part : model.intermediates(x, parts)) {
    REQUIRE(part.shape() == want.shape());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part[i];
  }
  for (std::size_t i = 0; i < sum.size(); ++i) REQUIRE(std::abs(sum[i] - want[i]) < 1e-4);
}

template <class X, class Y>
bool same(const X& x, const Y& y) {
  return static_cast<std::size_t>(x.size()) == static_cast<std::size_t>(y.size()) && std::equal(x.data(), x.data() + x.size(), y.data());
}

}  // namespace

TEST_CASE("Scratch is needed in the size that is announced, known at compile time") {
  constexpr std::size_t bytes = Model<Tiny>::scratch_bytes();
  STATIC_REQUIRE(bytes > 0);
  const Model<Tiny> model(random_weights<Tiny>());
  REQUIRE(model.make_scratch().capacity() * sizeof(float) == bytes);
  Scratch too_small(bytes / sizeof(float) / 2);
  const auto x = random_tensor<Tiny::input>();
  Tensor<Tiny::output> y;
  REQUIRE_THROWS_AS(model.forward(x.view(), y.view(), too_small), Error);
}

TEST_CASE("The model object is small, its weights are elsewhere") { STATIC_REQUIRE(sizeof(Model<ResMlpS24>) <= 64); }

TEST_CASE("A batch gives the same bits as its images one by one, whatever views them") {
  const Model<Tiny> model(random_weights<Tiny>());
  Batch<Tiny::input> batch(5);
  for (int image = 0; image < 5; ++image) {
    const auto x = random_tensor<Tiny::input>(static_cast<std::uint64_t>(image));
    std::copy(x.begin(), x.end(), batch[image].data());
  }
  const auto y = model(batch);
  for (int image = 0; image < 5; ++image) {
    Tensor<Tiny::input> x;
    std::copy_n(batch[image].data(), x.size(), x.data());
    const auto want = std::as_const(y)[image].span();
    const View<Tiny::input> view = x.view();
    REQUIRE(same(model(x), want));
    REQUIRE(same(model(x.view()), want));
    REQUIRE(same(model(view), want));
    REQUIRE(same(model(batch[image]), want));
    REQUIRE(same(model(std::as_const(batch)[image]), want));
  }
}

TEST_CASE("A view of another size is an error that names both sizes") {
  using AnySize = Network<Shape{Dynamic, Dynamic, 3}, Convolution<4, 3, 1, 1>>;
  const Model<AnySize> model(random_weights<AnySize>());
  REQUIRE(model(random_tensor<AnySize::input>(1, {5, 7, 3})).shape() == Shape{5, 7, 4});
  REQUIRE_THROWS_WITH(Model<AnySize>::make_scratch({32, 31, 4}), "Model: found an image of shape 32×31×4, expected ?×?×3");
}

TEST_CASE("A name is shown with its result, which watching does not change") {
  const Model<Tiny> model(random_weights<Tiny>());
  struct Names : Observer {
    std::string all;
    void see(std::string_view name, Shape shape, const float*) override {
      std::ostringstream out;
      out << name << ' ' << shape << '\n';
      all += out.str();
    }
  } names;
  const auto x = random_tensor<Tiny::input>();
  const auto observed = model.observe(x, names);
  REQUIRE(same(observed, model(x)));
  REQUIRE(names.all ==
          "stem 8×8×48\nblocks.0.ls1 8×8×48\nblocks.0.ls2 8×8×48\nblocks.0 8×8×48\nblocks.1.ls1 8×8×48\nblocks.1.ls2 8×8×48\n"
          "blocks.1 8×8×48\nblocks.2.ls1 8×8×48\nblocks.2.ls2 8×8×48\nblocks.2 8×8×48\nblocks 8×8×48\n"
          "norm 8×8×48\ntokens 8×8×48\nfeatures 1×1×48\n");
}

TEST_CASE("The list of names is what a forward pass shows, in the same order, for every family") {
  check_names<std::tuple_element_t<0, Networks>>(), check_names<std::tuple_element_t<1, Networks>>();
  check_names<Unfused>();
}

TEST_CASE("A misspelt name is answered with the nearest ones") {
  const Model<Tiny> model(random_weights<Tiny>());
  const auto x = random_tensor<Tiny::input>();
  REQUIRE_THROWS_WITH(model.intermediate(x, "block.2"),
                      Catch::Matchers::Contains("found no intermediate result \"block.2\"") && Catch::Matchers::Contains("blocks.2"));
  REQUIRE_THROWS_AS(model.intermediate(x, ""), Error);
  STATIC_REQUIRE(Model<Tiny>::has_intermediate("blocks.2.ls1"));
  STATIC_REQUIRE(!Model<Tiny>::has_intermediate("blocks.3"));
}

TEST_CASE("Several intermediate results come from one pass, in the order in which they are asked for") {
  const Model<Tiny> model(random_weights<Tiny>());
  const auto x = random_tensor<Tiny::input>();
  const auto results = model.intermediates(x, {"features", "blocks.1", "features"});
  REQUIRE(results.size() == 3);
  REQUIRE(same(results[0], model.features(x)));
  REQUIRE(same(results[1], model.intermediate(x, "blocks.1")));
  REQUIRE(same(results[2], results[0]));
}

TEST_CASE("What the branches of a block add is the difference between the block's output and its input") {
  check_branches<Tiny>({"stem", "blocks.0.ls1", "blocks.0.ls2"}, "blocks.0");
  check_branches<Mixed>({"stem", "a.mlp", "b.channels", "c.tokens", "c.convolution", "d.position", "e.attention", "f.gated"}, "f");
}

TEST_CASE("Only what an observer wants is made for it") {
  const Model<Tiny> model(random_weights<Tiny>());
  struct One : Observer {
    int seen = 0;
    bool wants(std::string_view name) override { return name == "blocks.1.ls2"; }
    void see(std::string_view name, Shape, const float*) override { seen += name == "blocks.1.ls2" ? 1 : 100; }
  } one;
  model.observe(random_tensor<Tiny::input>(), one);
  REQUIRE(one.seen == 1);
}

TEST_CASE("An observer may run the model itself") {
  const Model<Tiny> model(random_weights<Tiny>());
  const auto x = random_tensor<Tiny::input>();
  const auto want = model(x);
  struct Again : Observer {
    Again(const Model<Tiny>& of, const Tensor<Tiny::input>& input) : model(of), x(input) {}
    const Model<Tiny>& model;
    const Tensor<Tiny::input>& x;
    std::vector<float> last;
    void see(std::string_view, Shape, const float*) override {
      const auto y = model(x);
      last.assign(y.begin(), y.end());
    }
  } again(model, x);
  REQUIRE(same(model.observe(x, again), want));
  REQUIRE(same(again.last, want));
}

TEST_CASE("Working memory is kept for the next call, and can be given back") {
  const Model<Tiny> model(random_weights<Tiny>());
  const auto x = random_tensor<Tiny::input>();
  const auto want = model(x);
  release_thread_memory();
  REQUIRE(same(model(x), want));
}

TEST_CASE("Features are the mean of the normalised tokens, and the head of the features gives the logits") {
  const auto weights = random_weights<Tiny>();
  const Model<Tiny> model(weights);
  const auto x = random_tensor<Tiny::input>();
  const Tensor<Shape{8, 8, 48}> tokens = model.tokens(x);
  const Tensor<Shape{1, 1, 48}> features = model.features(x);
  for (std::size_t c = 0; c < 48; ++c) {
    double mean = 0;
    for (std::size_t n = 0; n < 64; ++n) mean += tokens[n * 48 + c] / 64.0;
    REQUIRE(std::abs(mean - features[c]) < 1e-5);
  }
  const auto& head = weights.layers().members().tail.tail.tail.tail.head;
  const auto logits = model(x);
  for (int k = 0; k < 10; ++k) {
    double sum = head.bias().data()[k];
    for (int c = 0; c < 48; ++c) sum += double{head.weight().data()[k * 48 + c]} * features[static_cast<std::size_t>(c)];
    REQUIRE(std::abs(sum - logits[static_cast<std::size_t>(k)]) < 1e-5);
  }
}
