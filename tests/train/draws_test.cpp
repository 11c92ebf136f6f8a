// SPDX-License-Identifier: MIT
#include "tessera/train/draws.hpp"

#include <cmath>
#include <set>

#include "../catch.hpp"

using tessera::DrawPurpose;
using tessera::Draws;

TEST_CASE("Philox gives the numbers that its authors publish") {
  // Random123, kat_vectors, philox4x32 with 10 rounds.
  using Block = std::array<std::uint32_t, 4>;
  CHECK(tessera::detail::philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(tessera::detail::philox({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}) ==
        Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(tessera::detail::philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
        Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("The same place gives the same numbers, another place gives others") {
  std::set<std::uint32_t> firsts;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{1} << 32})
    for (const auto purpose : {DrawPurpose::order, DrawPurpose::mixing})
      for (std::uint32_t epoch = 0; epoch < 3; ++epoch)
        for (std::uint32_t image = 0; image < 3; ++image) {
          Draws draws(seed, purpose, epoch, image), again(seed, purpose, epoch, image);
          firsts.insert(draws.bits());
          again.bits();
          for (int i = 0; i < 9; ++i) CHECK(draws.bits() == again.bits());
        }
  CHECK(firsts.size() == 36);
}

TEST_CASE("Draws have the mean and the variance of their distributions") {
  constexpr int count = 40'000;
  const auto check = [](auto draw, double mean, double variance) {
    Draws draws(7, DrawPurpose::user, 0, 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < count; ++i) {
      const double value = draw(draws);
      sum += value;
      squares += value * value;
    }
    const double found = sum / count;
    // Four standard errors of the mean; the variance of a square is at most a few times that of the value.
    CHECK(std::abs(found - mean) < 4 * std::sqrt(variance / count));
    CHECK(std::abs(squares / count - found * found - variance) < 0.05 * variance);
  };
  check([](Draws& d) { return d.uniform(); }, 0.5, 1.0 / 12);
  check([](Draws& d) { return d.uniform(-3, 5); }, 1, 64.0 / 12);
  check([](Draws& d) { return static_cast<double>(d.below(5)); }, 2, 2);
  check([](Draws& d) { return d.chance(0.3) ? 1.0 : 0.0; }, 0.3, 0.21);
  check([](Draws& d) { return d.normal(); }, 0, 1);
  // Beta(a, a) has mean 1/2 and variance 1 / (4·(2a + 1)).
  for (const double a : {0.2, 0.8, 1.0, 3.0}) check([a](Draws& d) { return d.beta(a); }, 0.5, 1 / (4 * (2 * a + 1)));
}
