// SPDX-License-Identifier: MIT

#include "tessera/io/zip.hpp"

#include "../catch.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;
using detail::ZipArchive;

namespace {

std::string text(const SharedBytes& bytes) { return {reinterpret_cast<const char*>(bytes.bytes.data()), bytes.bytes.size()}; }

}  // namespace

TEST_CASE("A stored member is used where it lies", "[io]") {
  const std::string large(200'000, 'x');  // several reads
  const SharedBytes file =
      shared(zip_of({{"a", "one"}, {.name = "b/c", .data = "two", .extra = std::string("FB\x05\0ZZZZZ", 9)}, {"d", ""}, {"e", large}}));
  ZipArchive archive(file, "f");
  REQUIRE(archive.members().size() == 4);
  CHECK(archive.find("c") == nullptr);
  CHECK(text(archive.read(*archive.find("b/c"))) == "two");
  CHECK(text(archive.read(*archive.find("a"))) == "one");
  CHECK(text(archive.read(*archive.find("d"))).empty());
  const SharedBytes e = archive.read(*archive.find("e"));
  CHECK(text(e) == large);
  CHECK(e.owner == file.owner);
  CHECK(e.bytes.data() > file.bytes.data());
  CHECK(e.bytes.data() < file.bytes.data() + file.bytes.size());
}

TEST_CASE("A deflated member is unpacked into memory of its own", "[io]") {
  const SharedBytes file = shared(zip_of({deflated_member("a", "some text")}));
  SharedBytes bytes;
  {
    ZipArchive archive(file, "f");
    bytes = archive.read(archive.members()[0]);
  }
  CHECK(text(bytes) == "some text");
  CHECK(bytes.owner != file.owner);
}

TEST_CASE("The start of a member can be looked at", "[io]") {
  ZipArchive archive(shared(zip_of({{"a", "some text"}, deflated_member("b", "more text")})), "f");
  CHECK(archive.peek(*archive.find("a"), 4) == "some");
  CHECK(archive.peek(*archive.find("b"), 100) == "more text");
}

TEST_CASE("Members may be read in any order and again", "[io]") {
  ZipArchive archive(shared(zip_of({{"a", "one"}, {"b", "two"}})), "f");
  for (const char* const name : {"b", "a", "b"}) CHECK(text(archive.read(*archive.find(name))) == (*name == 'a' ? "one" : "two"));
}
