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

TEST_CASE("A legacy file of a big-endian machine holds the same bytes", "[io]") {
  using namespace pickle;
  std::string bytes = legacy(dict(text("w") + tensor()), list(text("0")), raw(std::int64_t{2}) + raw({1.0F, 2.0F}));
  bytes[bytes.find("little_endian") + 13] = '\x89';
  CHECK(floats(parse_legacy_pth(shared(bytes), "f").tensors.at(0)) == std::vector<float>{1, 2});
}

TEST_CASE("A legacy file may be written in any protocol", "[io]") {
  using namespace pickle;
  const std::string body =
      legacy(dict(text("w") + tensor()), list(text("0")), raw(std::int64_t{2}) + raw({1.0F, 2.0F})).substr(legacy_magic.size());
  const std::string number = legacy_magic.substr(2);
  for (const std::string& magic :
       {"\x80\x03" + number, "\x80\x04\x95" + raw(std::uint64_t{number.size()}) + number,
        "\x80\x05\x95" + raw(std::uint64_t{number.size()}) + number, std::string("L119547037146038801333356L\n.")})
    CHECK(floats(parse_legacy_pth(shared(magic + body), "f").tensors.at(0)) == std::vector<float>{1, 2});
}
