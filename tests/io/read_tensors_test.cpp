// SPDX-License-Identifier: MIT

#include "tessera/io/read_tensors.hpp"

#include "../catch.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("The format of a checkpoint is found by its content, not its name", "[io]") {
  using namespace pickle;
  const TemporaryFolder folder;
  const auto format = [&](const std::string& bytes) { return read_tensors(folder.write("file.png", bytes)).format; };
  const std::string state = dict(text("w") + tensor()), floats = raw({1.0F, 2.0F});
  CHECK(format(safetensors("{}")) == "safetensors");
  CHECK(format(pth_with(state)) == "PyTorch zip");
  CHECK(format(legacy(state, list(text("0")), raw(std::int64_t{2}) + floats)) == "PyTorch legacy");
  CHECK(format(zip_of({{"a.npy", npy(npy_dict("<f4", "(2,)"), floats)}})) == "NumPy npz");
}

TEST_CASE("A file that is no checkpoint is refused with a hint", "[io]") {
  const auto error = [](std::string_view bytes) { return error_of([&] { parse_tensors(shared(bytes), "f"); }); };
  CHECK(contains(error("x"), "f: found a file that starts with \"x\", expected a safetensors, .pth or .npz file"));
  CHECK(contains(error("\x89PNG\r\n\x1a\n and so on"), "starts with \"\\x89PNG\\x0d\\x0a\\x1a\\x0a and so"));
  CHECK(contains(error("\x08\x07\x12\x07pytorch"), "found an ONNX file"));
  CHECK(contains(error("\x93NUMPY\1"), "found a single NumPy array (save all arrays together with numpy.savez)"));
  CHECK(contains(error("\x80\x04K\1."), "a Python pickle that torch.save did not write"));
  CHECK(contains(error("\x1f\x8b\x08"), "found a gzip archive (unpack it first)"));
  CHECK(contains(error("{\"a\": 1}"), "found a JSON file without a weight_map"));
  CHECK(contains(error("{\"weight_map\": {}}"), "found an index of shards in memory"));
  using namespace pickle;
  CHECK(contains(
      error(
          zip_of({{"m/data.pkl", document(global("__torch__", "M") + ")\x81")}, {"m/constants.pkl", document(")")}, {"m/code/x.py", ""}})),
      "found a TorchScript module, which holds a program: save its numbers in Python with torch.save"));
  CHECK(contains(error(zip_of({{"m/archive_format", "pt2"}})), "found a program that torch.export wrote"));
  CHECK(contains(error("version https://git-lfs.github.com/spec/v1\noid"), "git-lfs pointer"));
  CHECK(contains(error("<!DOCTYPE html><html>"), "found a web page"));
  CHECK(contains(error(zip_of({{"a.txt", "text"}})), "found a zip archive without data.pkl and without .npy arrays"));
}

TEST_CASE("An index of shards is read with its shards", "[io]") {
  const TemporaryFolder folder;
  const auto shard = [](const std::string& name, float number) {
    return safetensors("{\"" + name + R"(":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", raw(number));
  };
  folder.write("m-1.safetensors", shard("a", 1));
  folder.write("m-2.safetensors", shard("b", 2));
  const auto index = [&](const std::string& map) {
    return folder.write("model.safetensors.index.json", "{\"metadata\": {}, \"weight_map\": {" + map + "}}");
  };
  const TensorFile file = read_tensors(index(R"("a": "m-1.safetensors", "b": "m-2.safetensors")"));
  CHECK(file.format == "safetensors in 2 shards");
  REQUIRE(file.tensors.size() == 2);
  CHECK(floats(*file.find("a")) == std::vector<float>{1});
  CHECK(floats(*file.find("b")) == std::vector<float>{2});

  const auto error = [&](const std::string& map) { return error_of([&] { read_tensors(index(map)); }); };
  CHECK(contains(error(R"("a": "m-2.safetensors")"), "found no tensor \"a\" in \"m-2.safetensors\""));
  CHECK(contains(error(R"("a": "m-3.safetensors")"), "m-3.safetensors: cannot open"));
  for (const char* const name : {"../m-1.safetensors", "/etc/passwd", "sub/m-1.safetensors", "..", "C:m", "a\\\\b", ""})
    CHECK(contains(error("\"a\": \"" + std::string(name) + "\""), "expected the name of a file in the same folder"));
  CHECK(contains(error(R"("a": 1)"), "found the number 1, expected the name of a file"));
  CHECK(contains(error(R"("a": "model.safetensors.index.json")"), "found an index of shards in memory"));
  CHECK(contains(error_of([&] { read_tensors(folder.write("x.json", "{\"weight_map\": []}")); }),
                 "weight_map: found a list, expected an object"));
}
