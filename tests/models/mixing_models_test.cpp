// SPDX-License-Identifier: MIT
//
// MLP-Mixer, SPACH, gMLP and gMixer: keys and names of intermediate results. Their numbers are held against the golden files.

#include <map>

#include "catch.hpp"
#include "random.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

namespace {

using Mixer = MlpMixer<Shape{40, 40, 3}, 8, 24, 2, 12, 96, Gelu, 10>;
using SharedMlp = Spach<Shape{32, 32, 3}, 8, 24, SpachOptions{.heads = 3, .shared_spatial_func = true}, 10, SpachMlp<3>>;
using Bare = Spach<Shape{32, 32, 3}, 8, 24, SpachOptions{.heads = 3, .scaled = false, .cpe = false, .qkv_bias = Bias::none}, 10,
                   SpachPass<1>, SpachMlp<1>, SpachAttn<1>>;
using Hybrid = SpachMs<Shape{64, 64, 3}, 4, 12, SpachOptions{.heads = 2, .stem = SpachStem::conv4}, 10, SpachStage<SpachPass<1>>,
                       SpachStage<SpachPass<1>, SpachMlp<1>>, SpachStage<SpachPass<1>, SpachAttn<2>>, SpachStage<SpachAttn<1>>>;
using Gmlp = GMlp<Shape{32, 32, 3}, 8, 16, 2, 96, 10>;

template <class N>
std::vector<std::string> keys() {
  Weights<N> weights;
  std::vector<std::string> list;
  for (const auto& parameter : weights.parameters()) list.push_back(parameter.key);
  return list;
}

template <class N>
void check_keys(std::size_t count, std::initializer_list<const char*> some) {
  const auto list = keys<N>();
  CHECK(list.size() == count);
  for (const char* key : some) {
    CAPTURE(key);
    CHECK(std::count(list.begin(), list.end(), key) == 1);
  }
}

class Names : public Observer {
 public:
  void see(std::string_view name, Shape shape, const float*) override { shapes.insert_or_assign(std::string(name), shape); }
  std::map<std::string, Shape> shapes;
};

template <class N>
std::map<std::string, Shape> intermediates() {
  const Model<N> model(random_weights<N>());
  Names names;
  model.observe(random_tensor<N::input>(), names);
  return names.shapes;
}

}  // namespace

TEST_CASE("MLP-Mixer has timm's keys") {
  check_keys<Mixer>(12 * 2 + 6, {"stem.proj.weight", "blocks.0.norm1.bias", "blocks.1.mlp_tokens.fc1.weight",
                                 "blocks.1.mlp_channels.fc2.bias", "norm.weight", "head.bias"});
}

TEST_CASE("SPACH has the authors' keys, with and without its options") {
  check_keys<SharedMlp>(
      53, {"stem.proj.bias", "norm1.weight", "blocks.0.gamma_1", "blocks.2.spatial_func.fc2.bias", "blocks.1.cpe_net.net.1.weight",
           "blocks.2.channel_func.fc1.weight", "blocks.0.norm2.bias", "norm2.bias", "head.weight"});
  check_keys<Bare>(37, {"blocks.0.norm2.weight", "blocks.1.spatial_func.fc1.bias", "blocks.2.spatial_func.qkv.weight",
                        "blocks.2.spatial_func.proj.bias"});
  check_keys<Hybrid>(101 - 2 + 17, {"stem.proj.0.weight", "stem.proj.7.running_var", "stem.proj.9.bias", "layer1.0.cpe_net.net.1.bias",
                                    "layer2.0.net.1.0.weight", "layer2.0.net.1.1.bias", "layer2.2.spatial_func.fc1.weight",
                                    "layer3.3.spatial_func.qkv.bias", "layer4.1.gamma_1"});
}

TEST_CASE("A shared spatial function is one tensor under the keys of every block") {
  Weights<SharedMlp> weights;
  std::map<std::string, Parameter*> by_key;
  for (const auto& [key, parameter] : weights.parameters()) by_key[key] = parameter;
  CHECK(by_key["blocks.0.spatial_func.fc1.weight"] == by_key["blocks.2.spatial_func.fc1.weight"]);
  CHECK(by_key["blocks.0.norm1.weight"] != by_key["blocks.2.norm1.weight"]);
}

TEST_CASE("gMLP has timm's keys") {
  check_keys<Gmlp>(10 * 2 + 6, {"blocks.0.norm.weight", "blocks.1.mlp_channels.fc1.bias", "blocks.0.mlp_channels.gate.norm.bias",
                                "blocks.1.mlp_channels.gate.proj.weight", "blocks.1.mlp_channels.fc2.weight"});
}

TEST_CASE("Intermediate results have the reference codes' names") {
  const auto mixer = intermediates<Mixer>();
  for (const char* name : {"stem", "blocks.0", "blocks.1", "norm", "tokens"}) {
    CAPTURE(name);
    REQUIRE(mixer.count(name) == 1);
    CHECK(mixer.at(name) == Shape{5, 5, 24});
  }
  CHECK(mixer.at("features") == Shape{1, 1, 24});

  const auto hybrid = intermediates<Hybrid>();
  const std::map<std::string, Shape> some{
      {"stem", {16, 16, 12}},   {"norm1", {16, 16, 12}},  {"layer1.0", {16, 16, 12}}, {"layer2.0", {8, 8, 24}}, {"layer2.2", {8, 8, 24}},
      {"layer3.0", {4, 4, 48}}, {"layer3.3", {4, 4, 48}}, {"layer4.0", {2, 2, 96}},   {"layer4.1", {2, 2, 96}}, {"norm2", {2, 2, 96}}};
  for (const auto& [name, shape] : some) {
    CAPTURE(name);
    REQUIRE(hybrid.count(name) == 1);
    CHECK(hybrid.at(name) == shape);
  }
}
