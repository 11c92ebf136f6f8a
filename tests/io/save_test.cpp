// SPDX-License-Identifier: MIT

// Networks of every family are saved and read back; golden checkpoints are saved under the names that PyTorch gave them.

#include "tessera/save.hpp"

#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "../catch.hpp"
#include "../networks.hpp"
#include "../random.hpp"
#include "compare.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/load.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

// Keys, and the numbers that they lead to.
template <class N>
std::map<std::string, std::vector<float>> contents(Weights<N>& weights) {
  std::map<std::string, std::vector<float>> result;
  for (const auto& [key, parameter] : weights.parameters()) result[key].assign(parameter->data(), parameter->data() + parameter->size());
  return result;
}

// `file` in any format and naming, saved, has what `expected` has, key by key. Counters of batch norms are no weights.
template <class N>
void check_saved_as(const std::string& file, const std::string& expected) {
  const auto from = golden("tiny/" + file), to = golden("tiny/" + expected);
  if (!from || !to) return;
  const TemporaryFolder folder;
  save(read_weights<N>(*from), folder / "saved");
  TensorFile want = read_tensors(*to);
  std::erase_if(want.tensors, [](const TensorEntry& t) { return t.name.ends_with("num_batches_tracked"); });
  check_same_tensors(read_safetensors(folder / "saved"), want);
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("A saved network is read back bit for bit", "[io]", Networks) {
  const TemporaryFolder folder;
  auto weights = random_weights<TestType>();
  save(weights, folder / "network", {{"model", "tiny"}});
  LoadReport report;
  auto read = read_weights<TestType>(folder / "network", &report);
  const auto want = contents(weights), got = contents(read);
  REQUIRE(got.size() == want.size());
  for (const auto& [key, numbers] : want) {
    CAPTURE(key);
    CHECK(same_bits(got.at(key), numbers));
  }
  CHECK(report.converted == 0);
  CHECK(report.ignored.empty());
  CHECK(read_model_name(read_tensors(folder / "network")) == "tiny");
}

TEST_CASE("A network that is saved as bytes is a quarter as large, and every weight is within half a step", "[io]") {
  using N = ResMlp<Shape{32, 32, 3}, 4, 192, 6, 10>;
  const TemporaryFolder folder;
  auto weights = random_weights<N>();
  save(weights, folder / "floats");
  save(weights, folder / "bytes", {}, Precision::int8);
  CHECK(static_cast<double>(std::filesystem::file_size(folder / "bytes")) <
        0.27 * static_cast<double>(std::filesystem::file_size(folder / "floats")));
  LoadReport report;
  auto read = read_weights<N>(folder / "bytes", &report);
  CHECK(report.converted == 3 * 6);
  const auto want = contents(weights), got = contents(read);
  for (const auto& [key, parameter] : weights.parameters()) {
    CAPTURE(key);
    const auto& a = want.at(key);
    const auto& b = got.at(key);
    const auto rows = static_cast<std::size_t>(parameter->extent(0)), length = a.size() / rows;
    const bool quantised = parameter->rank() == 2 && !key.starts_with("head.");
    if (!quantised) CHECK(same_bits(a, b));
    for (std::size_t row = 0; quantised && row < rows; ++row) {
      float largest = 0, error = 0;
      for (std::size_t i = row * length; i < (row + 1) * length; ++i) {
        largest = std::max(largest, std::abs(a[i]));
        error = std::max(error, std::abs(a[i] - b[i]));
      }
      REQUIRE(error <= 0.5001F * largest / 127.0F);
      REQUIRE(error > 0.0F);
    }
  }
  // Saved again, the bytes are the same.
  save(read, folder / "again", {}, Precision::int8);
  const TensorFile first = read_safetensors(folder / "bytes"), second = read_safetensors(folder / "again");
  for (const TensorEntry& tensor : first.tensors) {
    const TensorEntry* const same = second.find(tensor.name);
    REQUIRE(same != nullptr);
    CHECK(std::equal(tensor.bytes.begin(), tensor.bytes.end(), same->bytes.begin(), same->bytes.end()));
  }
}

TEST_CASE("A file of bytes carries a self-test, which both precisions pass", "[io]") {
  using N = ResMlp<Shape{32, 32, 3}, 4, 192, 2, 10>;
  const TemporaryFolder folder;
  save(random_weights<N>(), folder / "bytes", {}, Precision::int8);
  const auto rounded = read_weights<N>(folder / "bytes");
  save(rounded, folder / "tested", {{"self_test", make_self_test(Model<N>(rounded))}}, Precision::int8);
  load<N>(folder / "tested", {.self_test = true});
  load<N, int8_engine>(folder / "tested", {.self_test = true});
}

TEST_CASE("A saved ResMLP has timm's keys and extents, whatever was read", "[io]") {
  using N = ResMlp<Shape{32, 32, 3}, 8, 24, 3, 10>;
  for (const char* const file : {"tiny_resmlp.weights.safetensors", "tiny_resmlp.wrapped.pth"})
    check_saved_as<N>(file, "tiny_resmlp.weights.timm.safetensors");
}

TEST_CASE("A saved Mixer has timm's keys, whatever was read", "[io]") {
  using N = MlpMixer<Shape{40, 40, 3}, 8, 24, 2, 12, 96, Gelu, 10>;
  for (const char* const file : {"tiny_mixer.weights.flax.npz", "tiny_mixer.legacy.pth", "tiny_mixer.wrapped.pth"})
    check_saved_as<N>(file, "tiny_mixer.weights.safetensors");
}

TEST_CASE("A saved SPACH has its authors' keys, a shared weight under each of them", "[io]") {
  check_saved_as<Spach<Shape{32, 32, 3}, 8, 24, SpachOptions{.heads = 3, .shared_spatial_func = true}, 10, SpachMlp<3>>>(
      "tiny_spach_mlp_shared.plain.pth", "tiny_spach_mlp_shared.weights.safetensors");
  check_saved_as<
      SpachMs<Shape{32, 32, 3}, 4, 8, SpachOptions{.heads = 2, .channel_ratio = 3, .stem = SpachStem::conv4}, 10, SpachStage<SpachPass<1>>,
              SpachStage<SpachPass<1>>, SpachStage<SpachAttn<1>>, SpachStage<SpachPass<1>, SpachAttn<1>>>>(
      "tiny_spach_ms_conv4.weights.safetensors", "tiny_spach_ms_conv4.weights.safetensors");
}

TEST_CASE("A saved ConvMLP has its authors' keys", "[io]") {
  check_saved_as<ConvMlp<Shape{48, 64, 3}, 10, 16, 2, ConvMlpStage<1, 20, 40>, ConvMlpStage<2, 28, 84>, ConvMlpStage<1, 36, 72>>>(
      "tiny_convmlp.wrapped.pth", "tiny_convmlp.weights.safetensors");
}

TEST_CASE("A file can be saved over itself while its numbers are in use", "[io]") {
  using N = ResMlp<Shape{8, 8, 3}, 4, 8, 1, 2>;
  const TemporaryFolder folder;
  auto first = random_weights<N>();
  save(first, folder / "f");
  auto mapped = read_weights<N>(folder / "f");
  save(mapped, folder / "f");
  auto again = read_weights<N>(folder / "f");
  CHECK(contents(again) == contents(first));
}

TEST_CASE("Weights without numbers are not saved, and leave no file", "[io]") {
  const TemporaryFolder folder;
  const Weights<ResMlp<Shape{8, 8, 3}, 4, 8, 1, 2>> empty;
  CHECK(contains(error_of([&] { save(empty, folder / "f"); }), "found no values for parameter \"stem.proj.weight\""));
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("A self-test that is saved with the weights passes, and fails for others", "[io]") {
  using N = ResMlp<Shape{8, 8, 3}, 4, 8, 1, 2>;
  const TemporaryFolder folder;
  const auto weights = random_weights<N>();
  const std::string test = make_self_test(Model<N>(weights));
  save(weights, folder / "right", {{"self_test", test}});
  save(random_weights<N>(2), folder / "wrong", {{"self_test", test}});
  CHECK(self_test(load<N>(folder / "right", {.self_test = true}), read_tensors(folder / "right")) == 0);
  CHECK(contains(error_of([&] { load<N>(folder / "wrong", {.self_test = true}); }), "wrong: self-test: image 0, class 0: found "));
  save(weights, folder / "none");
  CHECK(contains(error_of([&] { load<N>(folder / "none", {.self_test = true}); }), "none: found no self-test in the metadata"));
}
