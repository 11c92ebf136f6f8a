// SPDX-License-Identifier: MIT
#include "tessera/layers/describe.hpp"

#include "catch.hpp"
#include "networks.hpp"
#include "tessera/models/with_image.hpp"

using namespace tessera;

namespace {

struct Halve {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    void forward(View<input> x, MutableView<output> y, Scratch&) const {
      for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] / 2;
    }
  };
};

using Small = Network<Shape{8, 8, 3}, Named<"stem", PatchEmbed<4, 6>>,
                      Named<"blocks", Repeat<2, Residual<Named<"norm", LayerNorm<>>, Named<"mlp", AcrossTokens<FeedForward<5>>>>>>, Halve,
                      MeanPool, Named<"head", Linear<7>>>;

}  // namespace

TEST_CASE("A network lists its layers with their names, kinds, shapes and costs") {
  const auto layers = describe<Small>();
  REQUIRE(layers.size() == 1 + 2 * 4 + 3);
  CHECK(layers[0].path == "stem");
  CHECK(layers[0].kind == "PatchEmbed");
  CHECK(layers[0].input == Shape{8, 8, 3});
  CHECK(layers[0].output == Shape{2, 2, 6});
  CHECK(layers[0].parameters == 6 * 48 + 6);
  CHECK(layers[0].macs == 4 * 6 * 48);
  CHECK(layers[5].path == "blocks.1.norm");
  CHECK(layers[5].kind == "LayerNorm");
  CHECK(layers[6].path == "blocks.1.mlp.fc1");
  CHECK(layers[6].kind == "Linear");
  CHECK(layers[6].across_tokens);
  CHECK(layers[6].input == Shape{1, 6, 4});
  CHECK(layers[7].path == "blocks.1.mlp");
  CHECK(layers[7].kind == "Gelu");
  CHECK(layers[9].path.empty());
  CHECK(layers[9].kind == "Halve");
  CHECK(layers[10].kind == "MeanPool");
  CHECK_FALSE(layers[11].across_tokens);
}

TEMPLATE_LIST_TEST_CASE("The layers' parameters and multiply-accumulates add up to the network's", "", Networks) {
  std::int64_t parameters = 0, macs = 0;
  const auto layers = describe<TestType>();
  for (const LayerInfo& layer : layers) {
    parameters += layer.parameters;
    macs += layer.macs;
  }
  CHECK(parameters == TestType::parameter_count);
  CHECK(macs == TestType::macs);
  CHECK(layers.front().input == Shape{TestType::input});
  CHECK(layers.back().output == Shape{TestType::output});
}

TEST_CASE("A network for images of any size is listed for one size") {
  using N = ConvMlp<any_rgb, 10, 16, 1, ConvMlpStage<1, 20, 40>>;
  std::int64_t macs = 0;
  for (const LayerInfo& layer : describe<N>({41, 59, 3})) {
    CHECK(layer.output.fixed());
    macs += layer.macs;
  }
  CHECK(macs == N::macs_at({41, 59, 3}));
  CHECK_THROWS_WITH(describe<N>(), "describe: found shape ?×?×3, expected one of ?×?×3");
  CHECK_THROWS_WITH(describe<N>({41, 59, 1}), "describe: found shape 41×59×1, expected one of ?×?×3");
}

TEST_CASE("The list of layers is printed as a table") {
  using N = Network<Shape{1, 1, 3}, Named<"a", Linear<2>>, Relu>;
  CHECK(layer_table(describe<N>()) ==
        "layer  kind    input  output  parameters  multiply-accumulates\n"
        "a      Linear  1×1×3  1×1×2            8                     6\n"
        "       Relu    1×1×2  1×1×2            0                     0\n"
        "total                                  8                     6\n");
  const std::vector<std::string> remarks{"fused", "reference"};
  CHECK(layer_table(describe<N>(), "runs", remarks)
            .ends_with("0                     0  reference\n"
                       "total                                  8                     6\n"));
}

TEST_CASE("The kind of a layer is found in what each compiler calls a function of it") {
  CHECK(detail::name_in_signature("std::string_view tessera::detail::kind_of() [with L = tessera::Linear<10>; std::string_view = x]") ==
        "Linear");
  CHECK(detail::name_in_signature("std::string_view tessera::detail::kind_of() [L = (anonymous namespace)::Gate]") == "Gate");
  CHECK(detail::name_in_signature(
            "class std::basic_string_view<char> __cdecl tessera::detail::kind_of<struct tessera::Linear<10>>(void)") == "Linear");
}
