// SPDX-License-Identifier: MIT

#include "tessera/io/key_names.hpp"

#include <deque>

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

TensorEntry entry(std::string name, Extents extents = {1}) {
  Extents strides = detail::dense_strides(extents);
  return {std::move(name), DType::f32, std::move(extents), std::move(strides), {}};
}
// Kept, because names point into the file.
const TensorFile& file(std::vector<TensorEntry> tensors) {
  static std::deque<TensorFile> files;
  return files.emplace_back(TensorFile{"f", "test", std::move(tensors), {}, {}});
}
const TensorFile& file(std::initializer_list<const char*> names) {
  std::vector<TensorEntry> tensors;
  for (const char* const name : names) tensors.push_back(entry(name));
  return file(std::move(tensors));
}
std::vector<std::string> keys(const NamedTensors& named) {
  std::vector<std::string> result;
  for (const NamedTensor& t : named.tensors) result.push_back(t.tensor.name);
  return result;
}
std::vector<std::string> foreign(const NamedTensors& named) {
  std::vector<std::string> result;
  for (const TensorEntry* t : named.foreign) result.push_back(t->name);
  return result;
}
using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Each naming is recognised by its keys", "[io]") {
  CHECK(name_tensors(file({"stem.proj.weight", "blocks.0.mlp_tokens.fc1.weight"})).naming == "timm");
  CHECK(name_tensors(file({"patch_embed.proj.weight"})).naming == "DeiT");
  CHECK(name_tensors(file({"stem.proj.weight", "blocks.0.channel_func.fc1.weight"})).naming == "Microsoft SPACH");
  CHECK(name_tensors(file({"stem.proj.0.weight", "layer1.0.channel_func.fc1.weight"})).naming == "Microsoft SPACH");
  CHECK(name_tensors(file({"tokenizer.block.0.weight"})).naming == "SHI-Labs ConvMLP");
  CHECK(name_tensors(file({"stem/kernel"})).naming == "Google flax");
  CHECK(name_tensors(file({"embedding/kernel"})).naming == "Google flax (first release)");
  CHECK(name_tensors(file({"0.weight"})).naming == "own");
  CHECK(name_tensors(file(std::vector<TensorEntry>{})).naming == "own");
}

TEST_CASE("DeiT's names become timm's by replacing text", "[io]") {
  const NamedTensors named =
      name_tensors(file({"patch_embed.proj.weight", "patch_embed.proj.bias", "blocks.11.norm1.alpha", "blocks.11.attn.weight",
                         "blocks.11.gamma_1", "blocks.11.mlp.fc2.bias", "norm.beta", "head.weight"}));
  CHECK(keys(named) == Names{"stem.proj.weight", "stem.proj.bias", "blocks.11.norm1.alpha", "blocks.11.linear_tokens.weight",
                             "blocks.11.ls1", "blocks.11.mlp_channels.fc2.bias", "norm.beta", "head.weight"});
  CHECK(named.tensors[0].source->name == "patch_embed.proj.weight");
}

TEST_CASE("DeiT's replacements are not made in a file with timm's stem", "[io]") {
  CHECK(keys(name_tensors(file({"stem.proj.weight", "blocks.0.mlp.fc1.weight"}))) == Names{"stem.proj.weight", "blocks.0.mlp.fc1.weight"});
}

TEST_CASE("Flax names become timm's and kernels change their order of axes", "[io]") {
  const NamedTensors named = name_tensors(file(std::vector{
      entry("stem/kernel", {16, 16, 3, 768}), entry("stem/bias", {768}), entry("MixerBlock_10/token_mixing/Dense_0/kernel", {196, 384}),
      entry("MixerBlock_10/LayerNorm_1/scale", {768}), entry("pre_head_layer_norm/bias", {768}), entry("head/kernel", {768, 1000}),
      entry("MixerBlock_x/LayerNorm_1/scale", {768})}));
  CHECK(keys(named) == Names{"stem.proj.weight", "stem.proj.bias", "blocks.10.mlp_tokens.fc1.weight", "blocks.10.norm2.weight", "norm.bias",
                             "head.weight", "MixerBlock_x/LayerNorm_1/scale"});
  CHECK(named.tensors[0].tensor.extents == Extents{768, 3, 16, 16});
  CHECK(named.tensors[0].tensor.strides == Extents{1, 768, 16 * 3 * 768, 3 * 768});
  CHECK(named.tensors[2].tensor.extents == Extents{384, 196});
  CHECK(named.tensors[2].tensor.strides == Extents{1, 384});
  CHECK(named.tensors[5].tensor.extents == Extents{1000, 768});
  CHECK(named.tensors[1].tensor.extents == Extents{768});
}

TEST_CASE("The first release's flax tree is read with its axes of extent one", "[io]") {
  const NamedTensors named = name_tensors(file(
      std::vector{entry("embedding/kernel", {16, 16, 3, 768}), entry("Mixer/encoderblock_3/token_mixing_phase_0/kernel1", {1, 196, 384}),
                  entry("Mixer/encoderblock_3/token_mixing_phase_0/bias1", {1, 384, 1}),
                  entry("Mixer/encoderblock_3/LayerNorm_2/scale", {768}), entry("Mixer/encoder_norm/scale", {768})}));
  CHECK(keys(named) == Names{"stem.proj.weight", "blocks.3.mlp_tokens.fc1.weight", "blocks.3.mlp_tokens.fc1.bias", "blocks.3.norm2.weight",
                             "norm.weight"});
  CHECK(named.tensors[1].tensor.extents == Extents{384, 196});
  CHECK(named.tensors[2].tensor.extents == Extents{384});
}

TEST_CASE("A flax kernel of an unexpected rank keeps its axes", "[io]") {
  const NamedTensors named = name_tensors(file(std::vector{entry("stem/kernel", {3, 768}), entry("head/kernel", {2, 3, 4})}));
  CHECK(named.tensors[0].tensor.extents == Extents{3, 768});
  CHECK(named.tensors[1].tensor.extents == Extents{2, 3, 4});
}

TEST_CASE("Prefixes are taken off and what does not carry them is foreign", "[io]") {
  CHECK(keys(name_tensors(file({"module.stem.proj.weight", "module.norm.weight"}))) == Names{"stem.proj.weight", "norm.weight"});
  CHECK(keys(name_tensors(file({"module.model.backbone.norm.weight"}))) == Names{"norm.weight"});

  const NamedTensors detector = name_tensors(file({"backbone.tokenizer.block.0.weight", "neck.fpn.weight", "backbone.norm.weight"}));
  CHECK(keys(detector) == Names{"tokenizer.block.0.weight", "norm.weight"});
  CHECK(foreign(detector) == Names{"neck.fpn.weight"});
  CHECK(detector.naming == "SHI-Labs ConvMLP");
}

TEST_CASE("Counters of batch norms are foreign", "[io]") {
  const NamedTensors named = name_tensors(file({"tokenizer.block.0.weight", "tokenizer.block.1.num_batches_tracked"}));
  CHECK(keys(named) == Names{"tokenizer.block.0.weight"});
  CHECK(foreign(named) == Names{"tokenizer.block.1.num_batches_tracked"});
}

TEST_CASE("A known network is found after any prefix", "[io]") {
  for (const std::string prefix : {"timm_model.", "params/", "opt/target/", "net.module.", "1."}) {
    const NamedTensors named =
        name_tensors(file(std::vector{entry(prefix + "stem.proj.weight"), entry(prefix + "norm.weight"), entry("0.mean")}));
    CHECK(keys(named) == Names{"stem.proj.weight", "norm.weight"});
    CHECK(named.prefix == prefix);
    CHECK(foreign(named) == Names{"0.mean"});
  }
}

TEST_CASE("A flax tree may be joined by dots", "[io]") {
  CHECK(keys(name_tensors(file({"params.stem.kernel", "params.MixerBlock_3.LayerNorm_1.scale", "params.head.bias"}))) ==
        Names{"stem.proj.weight", "blocks.3.norm2.weight", "head.bias"});
}

TEST_CASE("Places and prefixes have the rank of their last word in the order", "[io]") {
  using detail::rank_of;
  CHECK(rank_of("") == 0);
  CHECK(rank_of("model") < rank_of("state_dict_ema"));
  CHECK(rank_of("state_dict_ema") < rank_of("state_dict"));
  CHECK(rank_of("state_dict") < rank_of("model_ema"));
  CHECK(rank_of("state.model") == rank_of("model"));
  CHECK(rank_of("model_ema.module") == rank_of("model_ema"));
  CHECK(rank_of("ema_model.") < rank_of("online_model."));
  CHECK(rank_of("best") == detail::no_rank);
}
