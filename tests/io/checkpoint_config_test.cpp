// SPDX-License-Identifier: MIT

#include "tessera/io/checkpoint_config.hpp"

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

CheckpointConfig parse(const std::string& text) { return parse_checkpoint_config(text, "config.json"); }
std::string error(const std::string& text) {
  return error_of([&] { parse(text); });
}

// As timm writes it to the Hugging Face hub.
const std::string timm = R"({"architecture": "resmlp_12_224", "num_classes": 3, "num_features": 384, "global_pool": "avg",
  "pretrained_cfg": {"tag": "fb_in1k", "custom_load": false, "input_size": [3, 224, 192], "fixed_input_size": true,
    "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225],
    "num_classes": 1000, "pool_size": null, "first_conv": "stem.proj", "classifier": "head"}})";

std::string with(const std::string& from, const std::string& to) {
  std::string text = timm;
  REQUIRE(text.find(from) != text.npos);
  return text.replace(text.find(from), from.size(), to);
}

}  // namespace

TEST_CASE("timm's configuration gives the name, the image, the preprocessing and the classes", "[io]") {
  const CheckpointConfig config = parse(timm);
  CHECK(config.architecture == "resmlp_12_224");
  CHECK(config.tag == "fb_in1k");
  CHECK(config.image == Shape{224, 192, 3});
  CHECK(config.classes == 3);
  CHECK(config.labels.empty());
  CHECK(config.preprocessing == imagenet_crop90_preprocessing);
  CHECK(parse(with("bicubic", "bilinear")).preprocessing->filter == Filter::bilinear);
}

TEST_CASE("Preprocessing that the library does not have is no default", "[io]") {
  for (const auto& [from, to] : {std::pair("\"bicubic\"", "\"nearest\""), std::pair("\"center\"", "\"squash\""),
                                 std::pair("\"crop_pct\": 0.9, ", ""), std::pair("\"mean\": [0.485, 0.456, 0.406], ", ""),
                                 std::pair("[0.229, 0.224, 0.225]", "[0.229]"), std::pair("\"bicubic\"", "null")})
    CHECK_FALSE(parse(with(from, to)).preprocessing);
}

TEST_CASE("Labels of a configuration are in the order of their numbers", "[io]") {
  using Labels = std::vector<std::string>;
  CHECK(
      parse(
          R"({"id2label": {"0": "a", "10": "k", "2": "c", "1": "b", "3": "d", "4": "e", "5": "f", "6": "g", "7": "h", "8": "i", "9": "j"}})")
          .labels == Labels{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"});
  const CheckpointConfig named = parse(with("\"architecture\"", R"("label_names": ["x", "y", "z"], "architecture")"));
  CHECK(named.labels == Labels{"x", "y", "z"});
  CHECK(parse(R"({"label_names": ["n1", "n2"], "label_descriptions": {"n2": "goldfish", "n1": "tench"}})").labels ==
        Labels{"tench", "goldfish"});
  CHECK(parse(R"({"id2label": {"0": "a", "1": "b"}})").classes == 2);
  CHECK(parse("{}").classes == 0);
}

TEST_CASE("A configuration with values that it cannot have is refused", "[io]") {
  CHECK(contains(error("["), "config.json, byte 1: found malformed JSON"));
  CHECK(contains(error("[]"), "config.json: found a list, expected an object"));
  CHECK(contains(error(R"({"architecture": 3})"), "architecture: found the number 3, expected a text"));
  CHECK(contains(error(R"({"num_classes": -1})"), "num_classes: found the negative number -1"));
  CHECK(contains(error(R"({"num_classes": 1e9})"), "num_classes: found the floating-point number"));
  CHECK(contains(error(with("0.9", "1.5")), "crop_pct: found the floating-point number 1.5"));
  CHECK(contains(error(with("0.229", "0")), "std: found the number 0, expected a number that images can have"));
  CHECK(contains(error(with("[3, 224, 192]", "[3, 224]")), "input_size: found a list, expected channels, height and width"));
  CHECK(contains(error(with("224, 192", "224, 1000000")), "input_size: found the number 1000000"));
  CHECK(contains(error(R"({"id2label": {"0": "a", "2": "b"}})"),
                 "id2label: found \"2\" with the text \"b\", expected each number from 0 to 1"));
  CHECK(contains(error(R"({"id2label": {"0": "a", "00": "b"}})"), "id2label: found \"00\""));
  CHECK(contains(error(R"({"id2label": {"0": 1}})"), "id2label: found \"0\" with the number 1"));
  CHECK(contains(error(R"({"id2label": ["a"]})"), "id2label: found a list, expected an object"));
  CHECK(contains(error(R"({"label_names": [1]})"), "label_names: found the number 1, expected a text"));
  CHECK(contains(error(R"({"label_names": ["a"], "num_classes": 2})"), "found 1 labels for 2 classes"));
}

TEST_CASE("The configuration beside a checkpoint is found, or there is none", "[io]") {
  const TemporaryFolder folder;
  const auto checkpoint = folder.write("model.safetensors", "x");
  CHECK_FALSE(find_checkpoint_config(checkpoint));
  folder.write("config.json", timm);
  REQUIRE(find_checkpoint_config(checkpoint));
  CHECK(find_checkpoint_config(checkpoint)->architecture == "resmlp_12_224");
  folder.write("config.json", "{");
  CHECK_THROWS_AS(find_checkpoint_config(checkpoint), Error);
  const auto cases = shared_file("cases/config.json");
  if (cases) CHECK(read_checkpoint_config(*cases).labels.at(10) == "brambling");
}
