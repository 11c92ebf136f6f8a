// SPDX-License-Identifier: MIT

#include "tessera/io/state_dict.hpp"

#include "../catch.hpp"
#include "tessera/io/pth.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;
using namespace tessera::test::pickle;

namespace {

// A dict under `key` whose one tensor tells where it came from.
std::string holder(const std::string& key) { return text(key) + dict(text("in " + key) + tensor()); }
TensorFile parse_items(const std::string& items) {
  static std::vector<SharedBytes> kept;
  kept.push_back(shared(pth_with(dict(items))));
  return parse_pth(kept.back(), "f");
}

}  // namespace

TEST_CASE("A state dict is found alone and under each of its keys", "[io]") {
  CHECK(parse_items(text("w") + tensor()).tensors.at(0).name == "w");
  CHECK(parse_items(text("w") + tensor()).format == "PyTorch zip");
  for (const std::string key : {"model", "state_dict_ema", "state_dict", "model_state", "model_ema", "net", "params", "anything else"}) {
    const TensorFile file = parse_items(text("epoch") + number(3) + holder(key) + text("optimizer") + "}");
    CHECK(file.tensors.at(0).name == "in " + key);
    CHECK(file.format == "PyTorch zip, under \"" + key + '"');
  }
}

TEST_CASE("Of several state dicts the evaluated one is taken", "[io]") {
  CHECK(parse_items(holder("model_ema") + holder("model")).tensors.at(0).name == "in model");
  CHECK(parse_items(holder("state_dict") + holder("state_dict_ema")).tensors.at(0).name == "in state_dict_ema");
  CHECK(parse_items(holder("model_ema") + holder("state_dict")).tensors.at(0).name == "in state_dict");
}

TEST_CASE("All state dicts of a file are listed with their places", "[io]") {
  const TensorFile file = parse_items(holder("best") + text("state") + dict(holder("model")) + text("list") +
                                      list(dict(text("w") + tensor())) + text("config") + dict(text("depth") + number(3)));
  REQUIRE(file.states.size() == 3);
  CHECK(file.states[0].place == "best");
  CHECK(file.states[1].place == "state.model");
  CHECK(file.states[2].place == "list.0");
  CHECK(file.place == "state.model");
  CHECK(file.states[0].tensors.at(0).name == "in best");
}

TEST_CASE("A dict that an unknown object holds is found", "[io]") {
  CHECK(parse_items(text("state") + global("my", "Dict") + ")\x81(" + holder("model") + 'u').place == "state.model");
}

TEST_CASE("A dict that is reached in two ways is one", "[io]") {
  const std::string zero(1, '\0');
  CHECK(parse_items(text("a") + "}q" + zero + "(" + text("w") + tensor() + 'u' + text("b") + "h" + zero).states.empty());
}

TEST_CASE("A state dict may be wrapped twice", "[io]") {
  const TensorFile file = parse_items(text("model") + dict(holder("state_dict")));
  CHECK(file.tensors.at(0).name == "in state_dict");
  CHECK(file.format == "PyTorch zip, under \"model.state_dict\"");
}

TEST_CASE("A tensor may be called like a wrapping key", "[io]") {
  CHECK(parse_items(text("model") + tensor()).tensors.at(0).name == "model");
}

TEST_CASE("Values of a state dict that are no tensors are passed over", "[io]") {
  CHECK(parse_items(text("version") + number(2) + text("w") + tensor()).tensors.size() == 1);
}

TEST_CASE("An empty state dict has no tensors", "[io]") { CHECK(parse_items("").tensors.empty()); }
