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
  CHECK(contains(error("version https://git-lfs.github.com/spec/v1\noid"), "git-lfs pointer"));
  CHECK(contains(error("<!DOCTYPE html><html>"), "found a web page"));
  CHECK(contains(error(zip_of({{"a.txt", "text"}})), "found a zip archive without data.pkl and without .npy arrays"));
}
