// SPDX-License-Identifier: MIT
#pragma once

// Random numbers that depend on their place alone, not on who drew before: a stream for each seed, purpose, epoch and image. So the same
// seed gives the same training whatever the number of threads, and a run that was stopped goes on with the same numbers.
//
//     tessera::Draws draws(seed, tessera::DrawPurpose::augmentation, epoch, image);
//     if (draws.chance(0.5)) image = flipped(image);
//
// The numbers are the Philox4x32-10 of Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3": ten rounds of a bijection of a
// counter of 128 bits (block, image, epoch, purpose) under a key of 64 bits (the seed). Nothing else is kept.

#include <array>
#include <cstdint>

#include "tessera/core/compiled.hpp"

namespace tessera {

// What the numbers are for. Streams of different purposes have nothing in common.
enum class DrawPurpose : std::uint32_t { order, split, augmentation, mixing, user = 1000 };

class Draws {
 public:
  // For one purpose, and one image of one epoch.
  Draws(std::uint64_t seed, DrawPurpose purpose, std::uint32_t epoch, std::uint32_t image)
      : key_{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)},
        counter_{0, image, epoch, static_cast<std::uint32_t>(purpose)} {}

  // 32 random bits.
  std::uint32_t bits();
  // Uniform in [0, 1), a multiple of 2^-32; or in [low, high).
  double uniform() { return bits() * 0x1p-32; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // A whole number in [0, end); end is at least 1.
  std::uint32_t below(std::uint32_t end) { return static_cast<std::uint32_t>(std::uint64_t{bits()} * end >> 32); }
  // True with this probability.
  bool chance(double probability) { return uniform() < probability; }
  // Of mean 0 and deviation 1, by Box and Muller's method.
  double normal();
  // Beta(a, a), a > 0, as x / (x + y) of two gamma variates; those by Marsaglia and Tsang 2000, "A simple method for generating gamma
  // variables".
  double beta(double a);

 private:
  double gamma(double shape);

  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_, block_{};
  std::size_t used_ = 4;
};

namespace detail {

// One block of Philox4x32-10.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/draws_inl.hpp"
#endif
