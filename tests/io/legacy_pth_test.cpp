// SPDX-License-Identifier: MIT

#include "tessera/io/legacy_pth.hpp"

#include "../catch.hpp"
#include "compare.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("Every type and layout of a legacy PyTorch file is read", "[io]") {
  check_same_tensors(read_legacy_pth(data("quirks.legacy.pth")), read_safetensors(data("quirks.expected.safetensors")));
}

TEST_CASE("Legacy files of PyTorch 1.13 and of today are read", "[io]") {
  check_same_tensors(read_legacy_pth(data("torch2.legacy.pth")), read_safetensors(data("torch2.expected.safetensors")));
  check_same_tensors(read_legacy_pth(data("tiny_mixer.legacy.pth")), read_safetensors(data("tiny_mixer.weights.safetensors")));
}

TEST_CASE("A legacy file may be wrapped and share storages", "[io]") {
  using namespace pickle;
  const std::string second = tensor(storage(), number(1), numbers({1}), numbers({1}));
  const SharedBytes file = shared(legacy(dict(text("model") + dict(text("both") + tensor() + text("second") + second)), list(text("0")),
                                         raw(std::int64_t{2}) + raw({1.0F, 2.0F})));
  const TensorFile tensors = parse_legacy_pth(file, "f");
  CHECK(tensors.format == "PyTorch legacy, under \"model\"");
  CHECK(floats(*tensors.find("both")) == std::vector<float>{1, 2});
  CHECK(floats(*tensors.find("second")) == std::vector<float>{2});
}

TEST_CASE("What does not start with the magic number is no legacy file", "[io]") {
  CHECK(contains(error_of([] { parse_legacy_pth(shared("x"), "f"); }), "f: found no PyTorch magic number"));
}
