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

TEST_CASE("Local headers that leave sizes and sums out are no damage", "[io]") {
  ZipMember streamed{"a", "one", 0, 8};
  streamed.local_size = 0;
  ZipArchive archive(shared(zip_of({streamed, {"folder/", ""}})), "f");
  REQUIRE(archive.members().size() == 1);
  CHECK(text(archive.read(archive.members()[0])) == "one");
}

TEST_CASE("An archive whose sums are all zero has none", "[io]") {
  const auto without_sum = [](const char* name, const char* data) {
    ZipMember member{name, data};
    member.crc = 0;
    return member;
  };
  ZipArchive archive(shared(zip_of({without_sum("a", "one"), without_sum("b", "two")})), "f");
  CHECK(text(archive.read(*archive.find("b"))) == "two");
  ZipArchive partly(shared(zip_of({without_sum("a", "one"), {"b", "two"}})), "f");
  CHECK(contains(error_of([&] { partly.read(*partly.find("a")); }), "found damaged data: CRC error"));
}

TEST_CASE("Sizes and places of more than 32 bits stand in the zip64 fields", "[io]") {
  // One stored member whose directory entry and end record point to wide fields.
  const std::string name = "a", data = "one";
  const std::string local =
      "PK\3\4" + std::string(10, '\0') + raw(crc32(data)) + raw(3U) + raw(3U) + raw(std::uint16_t{1}) + raw(std::uint16_t{0}) + name + data;
  const std::string wide =
      raw(std::uint16_t{1}) + raw(std::uint16_t{24}) + raw(std::uint64_t{3}) + raw(std::uint64_t{3}) + raw(std::uint64_t{0});
  const auto u16 = [](unsigned n) { return raw(static_cast<std::uint16_t>(n)); };
  const std::string entry = "PK\1\2" + u16(45) + u16(45) + std::string(8, '\0') + raw(crc32(data)) + raw(~0U) + raw(~0U) + u16(1) +
                            u16(28) + u16(0) + u16(0) + u16(0) + raw(0U) + raw(~0U) + name + wide;
  const std::string end64 = "PK\6\6" + raw(std::uint64_t{44}) + u16(45) + u16(45) + raw(0U) + raw(0U) + raw(std::uint64_t{1}) +
                            raw(std::uint64_t{1}) + raw(std::uint64_t{entry.size()}) + raw(std::uint64_t{local.size()});
  const std::string locator = "PK\6\7" + raw(0U) + raw(std::uint64_t{local.size() + entry.size()}) + raw(1U);
  const std::string end = "PK\5\6" + u16(0) + u16(0) + u16(0xffff) + u16(0xffff) + raw(~0U) + raw(~0U) + u16(0);
  const std::string file = local + entry + end64 + locator + end;
  ZipArchive archive(shared(file), "f");
  CHECK(text(archive.read(*archive.find("a"))) == "one");
  for (std::size_t i = 0; i < file.size(); ++i) {  // no byte makes it read elsewhere
    std::string changed = file;
    changed[i] = static_cast<char>(changed[i] ^ 0xff);
    (void)error_of([&] {
      ZipArchive other(shared(changed), "f");
      for (const auto& member : other.members()) (void)other.read(member);
    });
  }
}
