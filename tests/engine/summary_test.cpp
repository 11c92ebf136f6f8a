// SPDX-License-Identifier: MIT
#include "tessera/engine/summary.hpp"

#include <algorithm>

#include "catch.hpp"
#include "networks.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/models/with_image.hpp"

using namespace tessera;

namespace {

// A layer that no rule knows.
struct Third {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }
    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / 3;
    }
  };
};

using Mixed =
    Network<Shape{8, 8, 3}, Named<"stem", PatchEmbed<4, 6>>,
            Named<"blocks", Repeat<2, Sequential<Residual<LayerNorm<>, Named<"third", Third>>, Third>>>, Named<"head", Linear<7>>>;

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("A network knows which layers run as their reference, at compile time") {
  constexpr auto& layers = Model<Mixed>::reference_layers;
  STATIC_REQUIRE(layers.size() == 2);
  STATIC_REQUIRE(layers[0].path == "blocks.0.third");
  STATIC_REQUIRE(layers[0].kind == "Third");
  STATIC_REQUIRE(layers[1].path == "blocks.0");
  STATIC_REQUIRE(layers[1].kind == "Third");
}

TEMPLATE_LIST_TEST_CASE("No layer of the published families runs as its reference", "", Networks) {
  STATIC_REQUIRE(Model<TestType>::reference_layers.empty());
  const std::string table = summary<TestType>();
  CHECK(count(table, "fused") == describe<TestType>().size());
  CHECK(count(table, "reference") == 0);
}

TEST_CASE("The summary says of each layer whether it runs fused") {
  using N = Network<Shape{1, 1, 3}, Named<"a", Linear<2>>, Named<"b", Third>, Residual<LayerNorm<>, FeedForward<4>>>;
  CHECK(summary<N>() ==
        "layer  kind       input  output  parameters  multiply-accumulates  runs\n"
        "a      Linear     1×1×3  1×1×2            8                     6  fused\n"
        "b      Third      1×1×2  1×1×2            0                     0  reference\n"
        "       LayerNorm  1×1×2  1×1×2            4                     0  fused\n"
        "fc1    Linear     1×1×2  1×1×4           12                     8  fused\n"
        "       Gelu       1×1×4  1×1×4            0                     0  fused\n"
        "fc2    Linear     1×1×4  1×1×2           10                     8  fused\n"
        "total                                    34                    22\n");
  CHECK(count(summary<Mixed>(), "reference") == 4);
}

TEST_CASE("A network for images of any size has a summary for one size") {
  using N = ConvMlp<any_rgb, 10, 16, 1, ConvMlpStage<1, 20, 40>>;
  STATIC_REQUIRE(Model<N>::reference_layers.empty());
  CHECK(count(summary<N>({41, 59, 3}), "fused") == describe<N>({41, 59, 3}).size());
  CHECK_THROWS_WITH(summary<N>(), "describe: found shape ?×?×3, expected one of ?×?×3");
}
