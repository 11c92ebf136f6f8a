// SPDX-License-Identifier: MIT

#include "tessera/io/read_tensors.hpp"

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("The format of a checkpoint is found by its content, not its name", "[io]") {
  const TemporaryFolder folder;
  CHECK(read_tensors(folder.write("file.png", safetensors("{}"))).format == "safetensors");
}

TEST_CASE("A file that is no checkpoint is refused with a hint", "[io]") {
  const auto error = [](std::string_view bytes) { return error_of([&] { parse_tensors(shared(bytes), "f"); }); };
  CHECK(contains(error("x"), "f: found a file that starts with \"x\", expected a safetensors, .pth or .npz file"));
  CHECK(contains(error("\x89PNG\r\n\x1a\n and so on"), "starts with \"\\x89PNG\\x0d\\x0a\\x1a\\x0a and so"));
  CHECK(contains(error("version https://git-lfs.github.com/spec/v1\noid"), "git-lfs pointer"));
  CHECK(contains(error("<!DOCTYPE html><html>"), "found a web page"));
}
