// SPDX-License-Identifier: MIT
#include "tessera/core/buffer.hpp"

#include <cstdint>

#include "catch.hpp"

using tessera::Buffer;

TEST_CASE("A buffer starts at a multiple of 64 bytes and is zero") {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 1000U}) {
    const Buffer buffer(size);
    REQUIRE(reinterpret_cast<std::uintptr_t>(buffer.data()) % Buffer::alignment == 0);
    REQUIRE(buffer.size() == size);
    for (const float v : buffer.span()) REQUIRE(v == 0.0F);
  }
}

TEST_CASE("A buffer of whole huge pages starts with one") {
  constexpr std::size_t page = tessera::detail::huge_page / sizeof(float);
  const Buffer buffer(page + 1);
  REQUIRE(reinterpret_cast<std::uintptr_t>(buffer.data()) % tessera::detail::huge_page == 0);
  REQUIRE(buffer.data()[0] == 0.0F);
  REQUIRE(buffer.data()[page] == 0.0F);
}

TEST_CASE("A moved buffer leaves an empty one behind") {
  Buffer a(3);
  a.data()[2] = 7;
  Buffer b(std::move(a));
  REQUIRE(a.size() == 0);  // NOLINT(bugprone-use-after-move)
  REQUIRE(a.data() == nullptr);
  REQUIRE(b.data()[2] == 7);
  a = std::move(b);
  REQUIRE(a.size() == 3);
  REQUIRE(Buffer().size() == 0);
  REQUIRE(Buffer(0).data() == nullptr);
}
