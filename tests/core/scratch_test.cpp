// SPDX-License-Identifier: MIT
#include "tessera/core/scratch.hpp"

#include <cstdint>

#include "catch.hpp"

using namespace tessera;

TEST_CASE("What a frame takes is aligned, and free again at the end of its scope") {
  Scratch scratch(Scratch::rounded(5) + Scratch::rounded(17));
  float* first = nullptr;
  for (int round = 0; round < 3; ++round) {
    Scratch::Frame frame(scratch);
    float* const a = frame.take(5);
    float* const b = frame.take(17);
    REQUIRE(reinterpret_cast<std::uintptr_t>(a) % Buffer::alignment == 0);
    REQUIRE(reinterpret_cast<std::uintptr_t>(b) % Buffer::alignment == 0);
    REQUIRE(b - a == 16);
    if (round == 0) first = a;
    REQUIRE(a == first);
  }
}

TEST_CASE("Taking more than there is says how much is left") {
  Scratch scratch(32);
  Scratch::Frame frame(scratch);
  frame.take(1);
  REQUIRE_THROWS_WITH(frame.take(17), "Scratch: found room for 16 floats, expected 32");
}
