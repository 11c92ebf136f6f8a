// SPDX-License-Identifier: MIT

#include "tessera/io/pth.hpp"

#include "../catch.hpp"
#include "compare.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/read_tensors.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("Every type and layout of a PyTorch file is read", "[io]") {
  check_same_tensors(read_pth(data("quirks.pth")), read_safetensors(data("quirks.expected.safetensors")));
}

TEST_CASE("Files of today's torch.save are read, alone and from a training", "[io]") {
  const TensorFile expected = read_safetensors(data("torch2.expected.safetensors"));
  check_same_tensors(read_pth(data("torch2.pth")), expected);
  check_same_tensors(read_pth(data("torch2.wrapped.pth")), expected);
}

TEST_CASE("Tensors of a PyTorch zip lie in the file", "[io]") {
  const SharedBytes file = map_file(data("quirks.pth"));
  const TensorFile tensors = parse_pth(file, "quirks.pth");
  for (const TensorEntry& tensor : tensors.tensors) {
    if (tensor.bytes.empty()) continue;
    CHECK(tensor.bytes.data() >= file.bytes.data());
    CHECK(tensor.bytes.data() + tensor.bytes.size() <= file.bytes.data() + file.bytes.size());
  }
  CHECK(tensors.storage.size() == 1);
}

TEST_CASE("The averaged weights are taken, not the zeros beside them", "[io]") {
  const TensorFile file = read_tensors(data("tiny_mixer.wrapped.pth"));
  CHECK(file.format == "PyTorch zip, under \"state_dict_ema\"");
  check_same_tensors(file, read_safetensors(data("tiny_mixer.weights.safetensors")), true);
}

TEST_CASE("A deflated PyTorch zip is read too", "[io]") {
  using namespace pickle;
  const std::string pickled = document(dict(text("w") + tensor()));
  const SharedBytes file = shared(zip_of({deflated_member("x/data.pkl", pickled), deflated_member("x/data/0", raw({1.0F, 2.0F}))}));
  CHECK(floats(parse_pth(file, "f").tensors.at(0)) == std::vector<float>{1, 2});
}

TEST_CASE("Two tensors may look at one storage", "[io]") {
  using namespace pickle;
  const std::string second = tensor(storage(), number(1), numbers({3}), numbers({0}));
  const SharedBytes file = shared(pth_with(dict(text("both") + tensor() + text("second") + second)));
  const TensorFile tensors = parse_pth(file, "f");
  CHECK(floats(*tensors.find("both")) == std::vector<float>{1, 2});
  CHECK(floats(*tensors.find("second")) == std::vector<float>{2, 2, 2});
}

TEST_CASE("A zip archive without data.pkl is no PyTorch file", "[io]") {
  CHECK(contains(error_of([] { parse_pth(shared(zip_of({{"a", "b"}})), "f"); }), "f: found a zip archive without NAME/data.pkl"));
}

TEST_CASE("Golden PyTorch files give the golden weights", "[io]") {
  const struct {
    const char* weights;
    std::vector<const char*> files;
  } families[] = {{"tiny_resmlp", {"plain.pth", "wrapped.pth", "weights.timm.safetensors"}},
                  {"tiny_mixer", {"plain.pth", "wrapped.pth", "legacy.pth", "weights.flax.npz"}},
                  {"tiny_spach_mlp_shared", {"plain.pth"}},
                  {"tiny_spach_ms_hybrid", {"plain.pth", "wrapped.pth"}},
                  {"tiny_convmlp", {"plain.pth", "wrapped.pth"}}};
  for (const auto& [weights, files] : families) {
    const auto expected = golden(std::string("tiny/") + weights + ".weights.safetensors");
    if (!expected) return;
    for (const char* const file : files) {
      const auto name = golden(std::string("tiny/") + weights + '.' + file);
      REQUIRE(name);
      // timm's alpha and beta are [1, 1, C], DeiT's [C]: extents are compared where names are not translated.
      if (std::string_view(file) == "weights.timm.safetensors") {
        const TensorFile timm_file = read_tensors(*name), author_file = read_tensors(*expected);
        const NamedTensors timm = name_tensors(timm_file), author = name_tensors(author_file);
        REQUIRE(timm.tensors.size() == author.tensors.size());
        for (const NamedTensor& t : timm.tensors)
          for (const NamedTensor& a : author.tensors)
            if (t.tensor.name == a.tensor.name) CHECK(same_bits(floats(t.tensor), floats(a.tensor)));
      } else {
        check_same_tensors(read_tensors(*name), read_tensors(*expected), true);
      }
    }
  }
}

TEST_CASE("Only the backbone of a detector's checkpoint is named", "[io]") {
  const auto detector = golden("tiny/tiny_convmlp.mmdet.pth"), plain = golden("tiny/tiny_convmlp.weights.safetensors");
  if (!detector || !plain) return;
  const TensorFile file = read_tensors(*detector), weights = read_tensors(*plain);
  const NamedTensors named = name_tensors(file);
  CHECK(named.naming == "SHI-Labs ConvMLP");
  CHECK(named.tensors.size() == 111);
  for (const NamedTensor& t : named.tensors) {
    const TensorEntry* const expected = weights.find(t.tensor.name);
    REQUIRE(expected != nullptr);
    CHECK(same_bits(floats(t.tensor), floats(*expected)));
  }
}

TEST_CASE("A big-endian file is read", "[io]") {
  using namespace pickle;
  const std::string pickled =
      document(dict(text("w") + tensor() + text("b") + tensor(storage("1", "ByteStorage", 2), number(0), numbers({2}), numbers({1}))));
  const std::string swapped = std::string("\x3f\x80\0\0\x40\0\0\0", 8);
  const SharedBytes file = shared(zip_of({{"x/data.pkl", pickled}, {"x/byteorder", "big"}, {"x/data/0", swapped}, {"x/data/1", "\1\2"}}));
  const TensorFile tensors = parse_pth(file, "f");
  CHECK(floats(*tensors.find("w")) == std::vector<float>{1, 2});
  CHECK(floats(*tensors.find("b")) == std::vector<float>{1, 2});
}

TEST_CASE("A damaged storage of weights that are not taken does no harm", "[io]") {
  using namespace pickle;
  const std::string missing = tensor(storage("9"), number(0), numbers({2}), numbers({1}));
  const SharedBytes file =
      shared(pth_with(dict(text("model") + dict(text("w") + tensor()) + text("optimizer") + dict(text("m") + missing))));
  const TensorFile tensors = parse_pth(file, "f");
  CHECK(tensors.states.size() == 2);
  CHECK(contains(error_of([&] { detail::read_state(tensors, 1); }), "f: tensor \"m\": found no member"));
}
