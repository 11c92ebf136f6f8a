// SPDX-License-Identifier: MIT

#include "tessera/io/npz.hpp"

#include "../catch.hpp"
#include "compare.hpp"
#include "tessera/io/read_tensors.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("NumPy's archives are read, stored and deflated, in both orders", "[io]") {
  const TensorFile expected = read_safetensors(data("arrays.expected.safetensors"));
  check_same_tensors(read_npz(data("arrays.npz")), expected);
  check_same_tensors(read_npz(data("arrays_deflated.npz")), expected);
}

TEST_CASE("Google's Mixer gives the same weights as timm's", "[io]") {
  const TensorFile file = read_tensors(data("tiny_mixer.weights.flax.npz"));
  CHECK(file.format == "NumPy npz");
  check_same_tensors(file, read_safetensors(data("tiny_mixer.weights.safetensors")), true);
}

TEST_CASE("Unpacked arrays live as long as they are held", "[io]") {
  TensorFile file = read_npz(data("arrays_deflated.npz"));
  const TensorFile moved = std::move(file);
  CHECK(floats(*moved.find("a/scalar")) == std::vector{2.5F});
}

TEST_CASE("Arrays of every byte order and type of numbers are read", "[io]") {
  const auto read = [](const std::string& descr, const std::string& bytes) {
    const TensorFile file = parse_npz(shared(zip_of({{"a.npy", npy(npy_dict(descr, "(2,)"), bytes)}})), "f");
    return floats(file.tensors.at(0));
  };
  CHECK(read(">f4", std::string("\x3f\x80\0\0\xc0\0\0\0", 8)) == std::vector<float>{1, -2});
  CHECK(read(">i2", std::string("\0\1\1\0", 4)) == std::vector<float>{1, 256});
  CHECK(read("=f4", raw({1.0F, 2.0F})) == std::vector<float>{1, 2});
  CHECK(read("<u4", raw({7U, ~0U})) == std::vector<float>{7, 0x1p32F});
  CHECK(read("<u8", raw<std::uint64_t>({7, 8})) == std::vector<float>{7, 8});
  CHECK(read("<u2", raw<std::uint16_t>({7, 65535})) == std::vector<float>{7, 65535});
}

TEST_CASE("Arrays of foreign types are listed without numbers", "[io]") {
  for (const std::string descr : {"'<U2'", "'<c8'", "'|O'", "'<f16'", "'<M8[s]'", "''", "[('a', '<f4'), ('b]', '<f4')]"}) {
    CAPTURE(descr);
    const std::string header = "{'descr': " + descr + ", 'fortran_order': False, 'shape': (1,), }";
    const TensorFile file = parse_npz(shared(zip_of({{"a.npy", npy(header, "12345678")}})), "f");
    REQUIRE(file.tensors.size() == 1);
    CHECK(file.tensors[0].dtype == DType::foreign);
    CHECK(contains(error_of([&] { floats(file.tensors[0]); }), "expected a type of numbers that is read"));
  }
}

TEST_CASE("Headers as Python 2 wrote them are read", "[io]") {
  const std::string header = "{\"descr\": \"<f4\", \"fortran_order\": False, \"shape\": (2L, 1L), }";
  CHECK(parse_npz(shared(zip_of({{"a.npy", npy(header, raw({1.0F, 2.0F}))}})), "f").tensors.at(0).extents == Extents{2, 1});
}

TEST_CASE("Members that are no arrays are passed over", "[io]") {
  const std::string array = npy(npy_dict("<f4", "(2,)"), raw({1.0F, 2.0F}));
  const TensorFile file =
      parse_npz(shared(zip_of({{"b/", ""}, {"b/a.npy", array}, {"README.txt", "text"}, {"__MACOSX/b/._a.npy", "attributes"}})), "f");
  REQUIRE(file.tensors.size() == 1);
  CHECK(file.tensors[0].name == "b/a");
}
