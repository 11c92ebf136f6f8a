// SPDX-License-Identifier: MIT

#include "tessera/io/variants.hpp"

#include <set>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/any/networks.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/layers/weights.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

// The networks of the table, apart from those of CIFAR-10, whose sizes nobody published.
using Published = detail::Joined<ResMlpNetworks, MixerNetworks, SpachNetworks, SpachMsNetworks, ConvMlpNetworks, GMlpNetworks>::type;

template <class N>
NetworkSizes sizes() {
  return sizes_of(Weights<N>().parameters());
}

// The network's name without the form of GELU, which is not to be seen in tensors.
template <class N>
constexpr std::string_view visible_name = N::name.ends_with("_tanh") ? N::name.substr(0, N::name.size() - 5) : N::name;

template <class N>
void is_known() {
  CAPTURE(N::name);
  std::vector<std::string_view> names;
  for (const KnownNetwork& known : find_networks(sizes<N>())) names.push_back(known.name);
  const std::string_view name = visible_name<N>;
  CHECK(std::find(names.begin(), names.end(), name) != names.end());
  CHECK(names.size() ==
        (name.ends_with("_mlp_shared") || name == "spach_s_patch16_224_mlp" || name == "spach_ms_s_patch4_224_mlp" ? 2 : 1));
  CHECK(sizes<N>().classes == 1000);
}
template <class... N>
void are_known(Networks<N...>) {
  (is_known<N>(), ...);
  const std::set<std::string_view> names{visible_name<N>...};
  for (const KnownNetwork& known : known_networks) CHECK(names.count(known.name) == 1);
  CHECK(names.size() == std::size(known_networks));
}

// A file with tensors of these extents and no numbers, which is enough to be refused.
TensorFile file_of(std::initializer_list<std::pair<const char*, Extents>> tensors) {
  TensorFile file{"f", "test", {}, {}, {}};
  for (const auto& [name, extents] : tensors) file.tensors.push_back({name, DType::f32, extents, detail::dense_strides(extents), {}});
  return file;
}

template <class N>
std::string useful_line_of_error(const TensorFile& file) {
  Weights<N> weights;
  const std::string error = error_of([&] { assign(file, weights.parameters()); });
  for (const auto& [key, parameter] : weights.parameters()) CHECK(parameter->data() == nullptr);
  // What it looks like, if that is said, or the last tensor of the list.
  const std::size_t looks = error.find("this looks like");
  return looks == error.npos ? error.substr(error.rfind('\n') + 1) : error.substr(looks, error.find(": found ", looks) - looks);
}

template <class N>
TensorFile file_of_network() {
  TensorFile file{"f", "test", {}, {}, {}};
  Weights<N> weights;
  for (const auto& [key, parameter] : weights.parameters()) {
    const Extents extents = detail::extents_of(*parameter);
    file.tensors.push_back({key, DType::f32, extents, detail::dense_strides(extents), {}});
  }
  return file;
}

}  // namespace

TEST_CASE("Every published network is known by its tensors", "[io]") { are_known(Published()); }

TEST_CASE("A file of another variant is told apart, in every family", "[io]") {
  CHECK(useful_line_of_error<MixerS16>(file_of_network<MixerB16>()) ==
        "this looks like Mixer-B/16 (mixer_b16_224), you asked for Mixer-S/16 (mixer_s16_224)");
  CHECK(useful_line_of_error<ResMlpS12>(file_of_network<ResMlpS36>()) ==
        "this looks like ResMLP-S36 (resmlp_36_224), you asked for ResMLP-S12 (resmlp_12_224)");
  CHECK(useful_line_of_error<SpachMsSHybrid>(file_of_network<SpachMsSHybridPlus>()) ==
        "this looks like SPACH-Hybrid-MS-S+ (spach_ms_s_patch4_224_hybrid_conv4), you asked for "
        "SPACH-Hybrid-MS-S (spach_ms_s_patch4_224_hybrid)");
  CHECK(useful_line_of_error<ConvMlpSBackbone>(file_of_network<ConvMlpL>()) ==
        "this looks like ConvMLP-L (convmlp_l) with 1000 classes, you asked for ConvMLP-S (convmlp_s) without a head");
  CHECK(useful_line_of_error<GMlpS16>(file_of_network<GMixer24>()) ==
        "this looks like gMixer-24 (gmixer_24_224), you asked for gMLP-S/16 (gmlp_s16_224)");
}

TEST_CASE("A file of another variant is told apart in DeiT's and in Google's naming", "[io]") {
  CHECK(useful_line_of_error<ResMlpS12>(
            file_of({{"patch_embed.proj.weight", {768, 3, 8, 8}}, {"blocks.23.attn.weight", {784, 784}}, {"head.weight", {1000, 768}}})) ==
        "this looks like ResMLP-B24/8 (resmlp_big_24_224), you asked for ResMLP-S12 (resmlp_12_224)");
  const auto flax = [](const char* stem, const char* first, const char* second, Extents kernel, Extents kernel2) {
    return file_of({{stem, {16, 16, 3, 1024}}, {first, std::move(kernel)}, {second, std::move(kernel2)}, {"head/kernel", {1024, 21843}}});
  };
  const std::string expected =
      "this looks like Mixer-L/16 (mixer_l16_224) with 21843 classes, you asked for Mixer-B/16 (mixer_b16_224) with 1000 classes";
  CHECK(useful_line_of_error<MixerB16>(flax("stem/kernel", "MixerBlock_23/token_mixing/Dense_0/kernel",
                                            "MixerBlock_23/token_mixing/Dense_1/kernel", {196, 512}, {512, 196})) == expected);
  CHECK(useful_line_of_error<MixerB16>(flax("embedding/kernel", "Mixer/encoderblock_23/token_mixing_phase_0/kernel1",
                                            "Mixer/encoderblock_23/token_mixing_phase_0/kernel2", {1, 196, 512}, {1, 512, 196})) ==
        expected);
}

TEST_CASE("Only classes differ", "[io]") {
  CHECK(useful_line_of_error<MixerB16>(file_of_network<MixerB16In21k>()) ==
        "this looks like Mixer-B/16 (mixer_b16_224) with 21843 classes, you asked for Mixer-B/16 (mixer_b16_224) with 1000 classes");
}

TEST_CASE("Sizes that nobody published are described", "[io]") {
  CHECK(describe(sizes<ResMlp<Shape{32, 32, 3}, 4, 96, 6, 10>>()) == "ResMLP of 6 blocks, 96 channels, patch 4, 64 tokens");
  CHECK(describe(sizes<ConvMlp<Shape{32, 32, 3}, 10, 64, 3, ConvMlpStage<2, 80, 160>, ConvMlpStage<1, 96, 192>>>()) ==
        "ConvMLP of 3 2 1 0 blocks, 64 channels");
  CHECK(describe(sizes<SpachMs<Shape{64, 64, 3}, 4, 12, SpachOptions{.heads = 2}, 10, SpachStage<SpachPass<1>>,
                               SpachStage<SpachPass<1>, SpachMlp<1>>, SpachStage<SpachAttn<2>>, SpachStage<SpachAttn<1>>>>()) ==
        "SPACH of 1c 1c+1m 2a 1a blocks, 12 channels, patch 4, 64 tokens");
}

TEST_CASE("No advice is given where sizes are not what is wrong", "[io]") {
  TensorFile one_short = file_of_network<ResMlpS12>();
  one_short.tensors.erase(one_short.tensors.begin() + 20);
  CHECK(useful_line_of_error<ResMlpS12>(one_short) == "  blocks.1.norm2.beta: missing, model 384");
  CHECK(useful_line_of_error<ResMlpS12>(file_of({{"fc.weight", {1, 1}}})).starts_with("  and "));
}

TEST_CASE("Absurd numbers of blocks cost nothing", "[io]") {
  CHECK(sizes_of(KeyedExtents(
            {{"blocks.99999999999999999999.linear_tokens.weight", {4, 4}}, {"blocks.4000000000.x", {1}}, {"blocks.-1.x", {1}}})) ==
        NetworkSizes{"ResMLP", "0", 0, 0, 4, 0});
}
