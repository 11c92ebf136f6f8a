// SPDX-License-Identifier: MIT

#include "tessera/io/safetensors.hpp"

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

namespace {

TensorFile parse(const std::string& header, const std::string& data = "") {
  return parse_safetensors(shared(safetensors(header, data)), "f.safetensors");
}

// A header with one tensor whose fields are given.
std::string one(const std::string& fields) { return R"({"a":{)" + fields + "}}"; }

}  // namespace

TEST_CASE("A safetensors file gives its tensors and metadata", "[io]") {
  const TensorFile file =
      parse(R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F16","shape":[2,1],"data_offsets":[4,8]},)"
            R"("a":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"e":{"dtype":"I64","shape":[0,3],"data_offsets":[8,8]}}   )",
            raw(2.5F) + raw<std::uint16_t>({0x3c00, 0xc000}));
  CHECK(file.path == "f.safetensors");
  CHECK(file.format == "safetensors");
  CHECK(file.metadata == Metadata{{"format", "pt"}});
  REQUIRE(file.tensors.size() == 3);
  CHECK(file.tensors[0].name == "b");  // in the order of the header
  CHECK(file.tensors[0].extents == Extents{2, 1});
  CHECK(floats(*file.find("b")) == std::vector{1.0F, -2.0F});
  CHECK(floats(*file.find("a")) == std::vector{2.5F});
  CHECK(file.find("e")->size() == 0);
}

TEST_CASE("An empty safetensors file is a file without tensors", "[io]") { CHECK(parse("{}").tensors.empty()); }

TEST_CASE("Tensors of a safetensors file live as long as they are held", "[io]") {
  const TemporaryFolder folder;
  TensorFile file = read_safetensors(folder.write("f", safetensors(one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])"), raw(7.0F))));
  const TensorFile moved = std::move(file);
  CHECK(floats(moved.tensors.at(0)) == std::vector{7.0F});
}

TEST_CASE("A safetensors file cut anywhere is refused", "[io]") {
  const std::string whole = safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(error_of([&] { parse_safetensors(shared(whole.substr(0, size)), "f"); }).empty());
  }
}

TEST_CASE("The golden files are read", "[io]") {
  const auto path = golden("tiny/tiny_resmlp.weights.safetensors");
  if (!path) return;
  const TensorFile file = read_safetensors(*path);
  CHECK(file.tensors.size() == 42);
  REQUIRE(file.find("blocks.2.mlp.fc1.weight") != nullptr);
  CHECK(file.find("blocks.2.mlp.fc1.weight")->extents == Extents{96, 24});
}

TEST_CASE("What other writers put into a safetensors header is read", "[io]") {
  const std::string fields = R"("dtype":"F32","shape":[1],"data_offsets":[0,4])";
  CHECK(parse(R"({"__metadata__":null,"a":{)" + fields + "}}", raw(1.0F)).tensors.size() == 1);
  CHECK(parse(one(fields + R"(,"order":"C","extra":{"x":[1]})"), raw(1.0F)).tensors.size() == 1);
  const SharedBytes spaced = shared(safetensors(" \n\t{\"a\":{" + fields + "}}", raw(1.0F)));
  CHECK(detail::is_safetensors(spaced.bytes));
  CHECK(floats(parse_safetensors(spaced, "f").tensors.at(0)) == std::vector<float>{1});
}

TEST_CASE("Tensors of types that are not known have no numbers and no harm in them", "[io]") {
  const TensorFile file =
      parse(R"({"f8":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},"f4":{"dtype":"F4","shape":[2],"data_offsets":[3,4]},)"
            R"("c64":{"dtype":"C64","shape":[1],"data_offsets":[4,12]},"u32":{"dtype":"U32","shape":[1],"data_offsets":[12,16]}})",
            std::string(12, 'x') + raw(7U));
  REQUIRE(file.tensors.size() == 4);
  for (const char* const name : {"f8", "f4", "c64"}) CHECK(file.find(name)->dtype == DType::foreign);
  CHECK(file.find("f4")->type_name() == "F4");
  CHECK(floats(*file.find("u32")) == std::vector<float>{7});
}

TEST_CASE("Bytes with scales beside them are one tensor of weights", "[io]") {
  const std::string scales = raw({0.5F, -2.0F});
  const TensorFile file =
      parse(R"({"w_scale":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"w":{"dtype":"I8","shape":[2,3],"data_offsets":[8,14]},)"
            R"("v":{"dtype":"I8","shape":[2],"data_offsets":[14,16]},"v_scale":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}})",
            scales + "\x01\x80\x7f\xff\x02\x03" + "\x04\x05" + scales);
  REQUIRE(file.tensors.size() == 3);
  REQUIRE(file.find("w")->dtype == DType::scaled_i8);
  CHECK(is_floating(file.find("w")->dtype));
  CHECK(floats(*file.find("w")) == std::vector<float>{0.5F, -64.0F, 63.5F, 2.0F, -4.0F, -6.0F});
  // A vector is no matrix of weights.
  CHECK(file.find("v")->dtype == DType::i8);
  CHECK(file.find("v_scale") != nullptr);
  TensorEntry without = *file.find("w");
  without.scales = {};
  CHECK_THROWS_WITH(floats(without), Catch::Matchers::Contains("found 0 scales"));
}

TEST_CASE("A file cannot name the type of bytes with scales itself", "[io]") {
  const TensorFile file = parse(one(R"("dtype":"I8 with scales","shape":[2,2],"data_offsets":[0,4])"), "abcd");
  CHECK(file.tensors.at(0).dtype == DType::foreign);
}
