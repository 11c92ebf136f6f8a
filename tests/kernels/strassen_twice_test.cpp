// SPDX-License-Identifier: MIT
//
// Two levels of Strassen's algorithm against a plain loop in double, on sizes that use every path: a last fourth with fewer rows, one and
// several pieces of the inner dimension, several fours of panels; and the same bits for every number of workers.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/operands.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/kernels/strassen_twice.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

using Twice = StrassenTwice<isa>;
using TwiceLeft = StrassenTwiceLeft<isa>;
constexpr std::ptrdiff_t tile_rows = RegisterTile<isa>::rows, four_panels = 4 * panel_width<isa>;

// Multiplied by two levels with so many workers.
class TwiceProduct : public Operands {
 public:
  explicit TwiceProduct(Size size)
      : Operands(size), panels_(Twice::pack(size.columns, size.inner, size.columns / 4, [&](std::ptrdiff_t column, std::ptrdiff_t k) {
          return w(column, k);
        })) {}

  std::vector<float> twice(Workers* workers = nullptr) const {
    std::vector<float> y(results(), NAN);
    Buffer memory(TwiceLeft::floats(size().rows, size().inner));
    Scratch scratch(Twice::scratch_floats(size().rows, size().inner), workers);
    const TwiceLeft left(size().rows, size().inner, memory.data());
    left.make(x(), 0, left.fourth());
    Twice::multiply(left, panels_, size().columns / 4, store(y), scratch);
    return y;
  }

 private:
  Panels<isa> panels_;
};

std::vector<Size> twice_sizes() {
  return {{28 * tile_rows, 768, 512},
          {28 * tile_rows - 3, 512, 512 + four_panels},
          {24 * tile_rows, 2048, 512},
          {26 * tile_rows + 1, 512, 512},
          {32 * tile_rows - 1, 1536, 1024}};
}

}  // namespace

TEST_CASE("Two levels of Strassen's algorithm give the product") {
  for (const Size& size : twice_sizes()) {
    CAPTURE(size.rows, size.inner, size.columns);
    REQUIRE(Twice::fits(size.inner, size.columns) == (lanes > 1));
    if (lanes == 1) continue;
    const TwiceProduct product(size);
    product.check(product.twice(), 200);
  }
}

TEST_CASE("Two levels of Strassen's algorithm give the same bits for every number of workers") {
  for (const Size& size : twice_sizes()) {
    CAPTURE(size.rows, size.inner, size.columns);
    if (lanes == 1) continue;
    const TwiceProduct product(size);
    const std::vector<float> want = product.twice();
    for (const int threads : {2, 3, 5}) {
      ThreadPoolWorkers workers(threads);
      REQUIRE(product.twice(&workers) == want);
    }
  }
}

TEST_CASE("Two levels make the left operands of the next product as from a stored result") {
  if (lanes == 1) return;
  const std::ptrdiff_t rows = 24 * tile_rows - 2, inner = 512, hidden = 1024;
  const std::ptrdiff_t apart = StrassenFourths<isa>::inner(hidden);
  const std::vector<float> x = numbers("x", rows * inner), w = numbers("w", hidden * inner), bias = numbers("bias", hidden);
  const Panels<isa> panels = Twice::pack(
      hidden, inner, apart, [&](std::ptrdiff_t column, std::ptrdiff_t k) { return w[static_cast<std::size_t>(column * inner + k)]; });
  Buffer memory(TwiceLeft::floats(rows, inner)), want(TwiceLeft::floats(rows, hidden)), got(TwiceLeft::floats(rows, hidden));
  std::vector<float> h(static_cast<std::size_t>(rows * hidden));
  Scratch scratch(Twice::scratch_floats(rows, inner));
  const TwiceLeft left(rows, inner, memory.data()), from_memory(rows, hidden, want.data()), straight(rows, hidden, got.data());
  left.make(x.data(), 0, left.fourth());
  Twice::multiply(left, panels, apart, StoreBias<isa, GeluKernel>{h.data(), hidden, bias.data()}, scratch);
  from_memory.make(h.data(), 0, from_memory.fourth());
  Twice::multiply(left, panels, apart, StoreTwiceLeft<isa, GeluKernel>{straight, bias.data()}, scratch);
  // Compilers fuse GELU's last multiplication with an addition where they can. Behind the last row there is anything.
  const std::ptrdiff_t m = straight.m();
  for (std::ptrdiff_t piece = 0; piece < hidden; piece += 4 * apart)
    for (std::ptrdiff_t number = 0; number < 49; ++number)
      for (std::ptrdiff_t at = 0; at < (left.fourth() - 2) * m; ++at)
        REQUIRE(std::abs(straight.matrix(number, piece)[at] - from_memory.matrix(number, piece)[at]) < 1e-5F);
}
