// SPDX-License-Identifier: MIT
#include "tessera/vision/read_file.hpp"

#include "../catch.hpp"
#include "../temporary_folder.hpp"
#include "fixtures.hpp"

using tessera::detail::read_file;

TEST_CASE("A file is read whole, up to the limit") {
  const tessera::test::TemporaryFolder folder;
  const std::string content = std::string(70'000, 'a') + '\0' + "b";  // more than one block, and binary
  const auto path = folder.write("file", content);
  const auto bytes = read_file(path, content.size(), "a file");
  CHECK(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) == content);
  CHECK(read_file(folder.write("empty", ""), 0, "a file").empty());
  CHECK(fixtures::error_of([&] { read_file(path, content.size() - 1, "a file"); }) ==
        path.string() + ": found more than 70001 bytes, expected a file no larger than that");
}

TEST_CASE("A file that does not know its size is read to its end, up to the limit") {
  if (!std::filesystem::exists("/dev/zero")) return;
  CHECK(read_file("/dev/null", 10, "a file").empty());
  CHECK(fixtures::error_of([] { read_file("/dev/zero", 100'000, "an end"); }) ==
        "/dev/zero: found more than 100000 bytes, expected an end no larger than that");
}
