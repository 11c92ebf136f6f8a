// SPDX-License-Identifier: MIT

#include "tessera/io/self_test.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/io/metadata.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

constexpr std::uint64_t seed = 0x5eed0001;

std::vector<std::uint32_t> first_and_last_bits(std::string_view key, const Extents& extents) {
  std::int64_t size = 1;
  for (const auto n : extents) size *= n;
  std::vector<float> values(static_cast<std::size_t>(size));
  const auto [lo, hi] = fill_bounds(key, extents);
  fill(key, seed, lo, hi, values);
  std::vector<std::uint32_t> bits;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{2}, std::size_t{3}, values.size() - 1})
    bits.push_back(std::bit_cast<std::uint32_t>(values[i]));
  return bits;
}

TensorFile with(const std::string& key, const std::string& text) { return {"m.safetensors", "safetensors", {}, {{key, text}}, {}}; }

std::string self_test_error(const std::string& json) {
  return error_of([&] { read_self_test(with("self_test", json)); });
}

}  // namespace

TEST_CASE("The fill rule gives the published test vectors", "[io]") {
  using Bits = std::vector<std::uint32_t>;
  CHECK(first_and_last_bits("input", {2, 3, 224, 224}) == Bits{0xbf9b8fee, 0xbfe256e8, 0xbf7ec36c, 0x3f64f958, 0x3ebd5400});
  CHECK(first_and_last_bits("blocks.0.mlp.fc1.weight", {1536, 384}) == Bits{0x3cca599a, 0xbdb2ecd0, 0xbd93a9e2, 0x3d864844, 0xbbe8179e});
  CHECK(first_and_last_bits("stages.0.blocks.0.norm1.weight", {128}) == Bits{0x3f46cb8e, 0x3f478cb6, 0x3f90c5a8, 0x3f804720, 0x3f7b3630});
}

TEST_CASE("Bounds follow from the last word of a key", "[io]") {
  const auto bounds = [](std::string_view key, const Extents& extents) {
    const auto [lo, hi] = fill_bounds(key, extents);
    return std::pair(lo, hi);
  };
  CHECK(bounds("blocks.0.gamma_1", {1, 1, 24}) == std::pair(0.125F, 0.25F));
  CHECK(bounds("blocks.0.norm1.alpha", {24}) == std::pair(0.75F, 1.25F));
  CHECK(bounds("x.running_var", {24}) == std::pair(0.5F, 1.5F));
  CHECK(bounds("x.running_mean", {24}) == std::pair(-0.125F, 0.125F));
  CHECK(bounds("x.num_batches_tracked", {}) == std::pair(1000.0F, 1000.0F));
  CHECK(bounds("blocks.0.cpe_net.net.1.weight", {24, 1, 3, 3}).second == static_cast<float>(0.25 * std::sqrt(1.0 / 3)));
  CHECK(contains(error_of([&] { bounds("x.scale", {3}); }), "\"x.scale\" 3: found no rule"));
}

TEST_CASE("A self-test is read from the metadata", "[io]") {
  CHECK_FALSE(read_self_test(with("other", "")));
  const auto test =
      read_self_test(with("self_test", R"({"seed":"0x000000005eed0001","images":2,"logits":[[1,-2.5],[0.5,1e-3]],"tolerance":1e-4})"));
  REQUIRE(test);
  CHECK(test->seed == seed);
  CHECK(test->images == 2);
  CHECK(test->logits == std::vector<std::vector<float>>{{1, -2.5F}, {0.5F, 1e-3F}});
  CHECK(test->tolerance == 1e-4F);
}

TEST_CASE("Any part of a filled tensor can be made alone", "[io]") {
  std::vector<float> whole(10), part(4);
  fill("input", seed, -2, 2, whole);
  fill("input", seed, -2, 2, part, 6);
  CHECK(std::equal(part.begin(), part.end(), whole.begin() + 6));
}

TEST_CASE("A self-test that is written is read back the same", "[io]") {
  const SelfTest written{0xfedcba9876543210, 2, {{0.1F, -3e-30F}, {1e20F, 16777216.0F}}, 1e-4F};
  const auto read = read_self_test(with("self_test", write_self_test(written)));
  REQUIRE(read);
  CHECK(read->seed == written.seed);
  CHECK(read->images == 2);
  CHECK(read->logits == written.logits);
  CHECK(read->tolerance == 1e-4F);
  CHECK(contains(error_of([] { write_self_test({1, 1, {{NAN}}, 1e-4F}); }), "self-test: found nan among the logits"));
}

TEST_CASE("A malformed self-test is refused", "[io]") {
  CHECK(contains(self_test_error("{"), "m.safetensors: metadata, self_test, byte 1: found malformed JSON"));
  CHECK(contains(self_test_error("[]"), "found no seed"));
  CHECK(contains(self_test_error(R"({"seed":1})"), "seed: found the number 1, expected text"));
  CHECK(contains(self_test_error(R"({"seed":"0x"})"), "seed: found the text \"0x\""));
  CHECK(contains(self_test_error(R"({"seed":"0x12345678123456781"})"), "seed: found"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":3})"), "logits: found the number 3, expected a list"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[[1],[1,2]]})"), "logits: found a list, expected lists of one length"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[["a"]]})"), "logits: found the text \"a\", expected a number"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[[{}]]})"), "logits: found an object, expected a number"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[[[[1]]]]})"), "JSON of more than 4 levels"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[],"images":0})"), "images: found the number 0"));
  CHECK(
      contains(self_test_error(R"({"seed":"0x1","logits":[[1]],"images":2})"), "images: found the number 2, expected the number of rows"));
  CHECK(contains(self_test_error(R"({"seed":"0x1","logits":[[1]],"images":1,"tolerance":0})"), "tolerance: found the number 0"));
  CHECK(contains(self_test_error(std::string(100000, '[')), "JSON of more than 4 levels"));
}

TEST_CASE("Labels and model name are read from the metadata", "[io]") {
  CHECK(read_labels(with("labels", R"(["cat","dog"])")) == std::vector<std::string>{"cat", "dog"});
  CHECK(read_labels(with("x", "")).empty());
  CHECK(read_model_name(with("model", "ResMlpS12")) == "ResMlpS12");
  CHECK(contains(error_of([] { read_labels(with("labels", "[1]")); }), "found the number 1, expected a text"));
  CHECK(contains(error_of([] { read_labels(with("labels", "{}")); }), "found an object, expected a list of texts"));
  CHECK(contains(error_of([] { read_labels(with("labels", "[[1]]")); }), "JSON of more than 1 levels"));
}
