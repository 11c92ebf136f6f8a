// SPDX-License-Identifier: MIT
#include "tessera/core/buffer.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

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

TEST_CASE("A buffer of more bytes than there can be is refused, alone and in a pool") {
  constexpr std::size_t most = SIZE_MAX / sizeof(float);
  for (const std::size_t size : {most / 2 + 1, most, most + 1, SIZE_MAX}) {
    REQUIRE_THROWS_AS(Buffer(size), tessera::Error);
    tessera::BufferPool pool;
    REQUIRE_THROWS_AS(Buffer(size), tessera::Error);
  }
}

// Sanitizers end a program that asks for so much.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("Memory that cannot be had leaves a pool as it was") {
  const volatile std::size_t too_many = SIZE_MAX / 16;  // which the compiler need not see
  tessera::BufferPool pool;
  const Buffer small(1);
  REQUIRE_THROWS_AS(Buffer(too_many), std::bad_alloc);
  const Buffer next(1 << 24);
  REQUIRE(std::all_of(next.span().begin(), next.span().end(), [](float x) { return x == 0.0F; }));
}
#endif

TEST_CASE("A copied buffer has memory of its own") {
  Buffer a(3);
  a.data()[2] = 7;
  Buffer b(a), c;
  c = a;
  a.data()[2] = 8;
  REQUIRE(b.data()[2] == 7);
  REQUIRE(c.data()[2] == 7);
  REQUIRE(c.size() == 3);
  c = Buffer();
  REQUIRE(Buffer(c).data() == nullptr);
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

TEST_CASE("Buffers of a pool are zero, apart, aligned, and may outlive it") {
  constexpr std::size_t page = tessera::detail::huge_page / sizeof(float);
  std::vector<Buffer> buffers;
  {
    tessera::BufferPool pool;
    for (const std::size_t size : {1UL, 17UL, page, 3 * page + 5, 20 * page, 1000UL, 30UL}) buffers.emplace_back(size);
    {
      tessera::BufferPool inner;
      buffers.emplace_back(5);
    }
    buffers.emplace_back(7);
  }
  REQUIRE(tessera::BufferPool::here() == nullptr);
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    REQUIRE(reinterpret_cast<std::uintptr_t>(buffers[i].data()) % Buffer::alignment == 0);
    REQUIRE(std::ranges::all_of(buffers[i].span(), [](float v) { return v == 0.0F; }));
    std::ranges::fill(buffers[i].span(), static_cast<float>(i));
  }
  while (buffers.size() > 1) {
    buffers.erase(buffers.begin());
    const float last = buffers.back().data()[0];
    REQUIRE(std::ranges::all_of(buffers.back().span(), [last](float v) { return v == last; }));
  }
}

TEST_CASE("Small buffers of a pool are neighbours, but not for an address sanitizer") {
  tessera::BufferPool pool;
  const Buffer first(16), second(16);
  if (tessera::BufferPool::here() != nullptr) REQUIRE(second.data() == first.data() + 16);
}
