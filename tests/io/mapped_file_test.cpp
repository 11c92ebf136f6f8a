// SPDX-License-Identifier: MIT

#include "tessera/io/mapped_file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "../catch.hpp"
#include "files.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("A mapped file shows the bytes of the file and outlives its name", "[io]") {
  const TemporaryFolder folder;
  SharedBytes copy;
  {
    const SharedBytes file = map_file(folder.write("file", "some bytes"));
    copy = file;
  }
  std::filesystem::remove(folder / "file");
  REQUIRE(std::string(reinterpret_cast<const char*>(copy.bytes.data()), copy.bytes.size()) == "some bytes");
}

TEST_CASE("Released pages of a mapped file are read again when they are needed", "[io]") {
  const TemporaryFolder folder;
  const std::string text(100'000, 'x');
  const SharedBytes mapped = map_file(folder.write("file", text));
  REQUIRE(mapped.release != nullptr);
  for (const std::size_t first : {std::size_t{0}, std::size_t{1}, std::size_t{5000}}) {
    mapped.release(mapped.bytes.data() + first, mapped.bytes.size() - first);
    CHECK(std::string(reinterpret_cast<const char*>(mapped.bytes.data()), mapped.bytes.size()) == text);
  }
  mapped.release(mapped.bytes.data() + 10, 20);
  CHECK(mapped.bytes[15] == std::byte{'x'});
}

TEST_CASE("What is no readable file is refused by name", "[io]") {
  const TemporaryFolder folder;
  const auto error = [](const std::filesystem::path& path) { return error_of([&] { map_file(path); }); };

  CHECK(contains(error(folder / "missing"), "missing: cannot open: No such file"));
  CHECK(contains(error(folder.path()), "found a directory, expected a file"));
  CHECK(contains(error(folder.write("empty", "")), "empty: found an empty file"));
  CHECK(contains(error(folder.write("file", "x") / "below"), "cannot open: Not a directory"));

  const auto pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(contains(error(pipe), "found a pipe, socket or device"));
  CHECK(contains(error("/dev/zero"), "found a pipe, socket or device"));

  const auto loop = folder / "loop";
  std::filesystem::create_symlink(loop, loop);
  CHECK(contains(error(loop), "cannot open: "));

  if (::geteuid() != 0) {  // root may read everything
    const auto secret = folder.write("secret", "x");
    std::filesystem::permissions(secret, std::filesystem::perms::none);
    CHECK(contains(error(secret), "cannot open: Permission denied"));
  }
}
