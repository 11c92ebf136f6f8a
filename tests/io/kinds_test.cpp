// SPDX-License-Identifier: MIT

// One file of each kind that real trainers and packers write (tests/data/io/make_kinds.py): all hold the same two tensors.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/read_tensors.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

struct Two {
  Parameter weight{2, 3, 4, 4}, bias{2};
  std::vector<NamedParameter> wanted{{"stem.proj.weight", &weight}, {"head.bias", &bias}};
  LoadedParameters loaded{};

  void load(const std::string& name, const std::string& state = "") {
    loaded = assign(read_tensors(data("kinds/" + name)), wanted, {.state = state});
  }
};

void check_same(const Two& got, const Two& want) {
  const auto values = [](const Parameter& p) { return std::span(p.data(), static_cast<std::size_t>(p.size())); };
  CHECK(same_bits(values(got.weight), values(want.weight)));
  CHECK(same_bits(values(got.bias), values(want.bias)));
}

}  // namespace

TEST_CASE("Every kind of checkpoint gives the same numbers", "[io]") {
  Two plain;
  plain.load("plain.safetensors");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data("kinds"))) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("shard-") || name == "whole_module.pth" || name == "torchscript.pt" || name == "two_sets.pth") continue;
    CAPTURE(name);
    Two two;
    CHECK_NOTHROW(two.load(name));
    if (two.weight.data() == nullptr) continue;
    check_same(two, plain);
    ++files;
  }
  CHECK(files > 55);
}

TEST_CASE("Which of several sets of weights was taken is said, and another can be asked for", "[io]") {
  Two plain, two;
  plain.load("plain.safetensors");
  two.load("model_and_ema.pth");
  CHECK(two.loaded.report.state == "model");
  CHECK(two.loaded.report.passed_over == std::vector<std::string>{"model_ema"});
  Two average;
  average.load("model_and_ema.pth", "model_ema");
  CHECK(average.loaded.report.state == "model_ema");
  CHECK(average.bias.data()[0] != plain.bias.data()[0]);

  CHECK(contains(error_of([&] { two.load("two_sets.pth"); }), "found two sets of weights that fit, best and last"));
  two.load("two_sets.pth", "last");
  check_same(two, plain);
  two.load("ema_pytorch.pth");
  CHECK(two.loaded.report.prefix == "ema_model.");
  two.load("ema_pytorch.pth", "online_model");
  CHECK(two.loaded.report.prefix == "online_model.");
}

TEST_CASE("What holds a program and no state dict is refused with what to do", "[io]") {
  Two two;
  CHECK(contains(error_of([&] { two.load("whole_module.pth"); }),
                 "an object of torch.nn.modules.linear.Linear under \"model\", whose numbers are not read: save its numbers in Python with "
                 "torch.save(model.state_dict(), \"weights.pth\")"));
  CHECK(contains(error_of([&] { two.load("torchscript.pt"); }), "found a TorchScript module"));
}
