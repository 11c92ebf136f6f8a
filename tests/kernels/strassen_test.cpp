// SPDX-License-Identifier: MIT
//
// Strassen's products, by one and by two levels, against a plain loop in double, on sizes that use every path: a last strip with fewer
// rows, one and several pieces of the inner dimension, several groups of panels; and the same bits for every number of workers.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/operands.hpp"
#include "tessera/kernels/strassen/strassen.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

constexpr std::ptrdiff_t tile = RegisterTile<isa>::rows, width = panel_width<isa>;

template <int Levels>
StripRows all_rows(std::ptrdiff_t rows) {
  const std::ptrdiff_t strip = Split<isa, Levels>::rows(rows);
  return {rows, strip, 0, strip};
}

// Multiplied with so many workers. By one level each worker has rows of every strip, by two the workers share the product.
template <int Levels>
class StrassenProduct : public Operands {
  using Left = StrassenLeft<isa, Levels>;

 public:
  explicit StrassenProduct(Size size)
      : Operands(size), apart_(size.columns >> Levels), panels_(pack_weights<isa, Levels>(weights(), apart_)) {}

  std::vector<float> multiply(Workers* workers = nullptr) const {
    std::vector<float> y(results(), NAN);
    const auto [rows, inner, columns] = size();
    Scratch scratch(Scratch::rounded(Left::floats(rows, inner)) + Strassen<isa, Levels>::scratch_floats(rows, inner), workers);
    const StripRows all = all_rows<Levels>(rows);
    const auto work = [&](const StripRows& some, Scratch& own) {
      Scratch::Frame frame(own);
      const Left left(some, size().inner, frame.take(Left::floats(size().rows, size().inner)));
      left.make(x(), some);
      Strassen<isa, Levels>::multiply(left, panels_, apart_, store(y), own);
    };
    if (Levels == 1) {
      scratch.split(
          all.strip, tile, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) { work(all.part(first, count), own); }, 1);
    } else {
      work(all, scratch);
    }
    return y;
  }

 private:
  std::ptrdiff_t apart_;
  Panels<isa> panels_;
};

template <int Levels>
std::vector<Size> sizes() {
  if (Levels == 1)
    return {{196, 256, 512},       {12 * tile, 384, 384},     {12 * tile + 1, 512, 384 + 2 * width},
            {24 * tile, 128, 256}, {14 * tile - 1, 768, 384}, {196, 1024, 384},
            {100, 4096, 384}};
  return {{28 * tile, 768, 512},
          {28 * tile - 3, 512, 512 + 4 * width},
          {24 * tile, 2048, 512},
          {26 * tile + 1, 512, 512},
          {32 * tile - 1, 1536, 1024}};
}

// At most so many roundings.
template <int Levels>
void check(double roundings) {
  for (const Size& size : sizes<Levels>()) {
    CAPTURE(size.rows, size.inner, size.columns);
    REQUIRE(Split<isa, Levels>::fits(size.inner, size.columns) == (lanes > 1));
    if (lanes == 1) continue;
    const StrassenProduct<Levels> product(size);
    const std::vector<float> want = product.multiply();
    product.check(want, roundings);
    for (const int threads : {2, 3, 5}) {
      ThreadPoolWorkers workers(threads);
      REQUIRE(product.multiply(&workers) == want);
    }
  }
}

// The left operands of a second product, made by the first one or from its stored result.
template <int Levels>
void check_straight(std::ptrdiff_t rows, std::ptrdiff_t inner, std::ptrdiff_t hidden) {
  using Left = StrassenLeft<isa, Levels>;
  constexpr std::ptrdiff_t strips = Split<isa, Levels>::strips, products = Split<isa, Levels>::products;
  const std::ptrdiff_t apart = Split<isa, Levels>::terms(hidden);
  REQUIRE((stores_left<isa, Levels>(hidden)));
  const std::vector<float> x = numbers("x", rows * inner), w = numbers("w", hidden * inner), bias = numbers("bias", hidden);
  const Panels<isa> panels = pack_weights<isa, Levels>({.data = w.data(), .columns = hidden, .inner = inner}, apart);
  Buffer memory(Left::floats(rows, inner)), want(Left::floats(rows, hidden)), got(Left::floats(rows, hidden));
  std::vector<float> h(static_cast<std::size_t>(rows * hidden));
  Scratch scratch(Strassen<isa, Levels>::scratch_floats(rows, inner));
  const StripRows all = all_rows<Levels>(rows);
  const Left left(all, inner, memory.data()), from_memory(all, hidden, want.data()), straight(all, hidden, got.data());
  left.make(x.data(), all);
  const Activation gelu{.function = activate<isa, GeluKernel>};
  Strassen<isa, Levels>::multiply(
      left, panels, apart, Epilogue{.y = h.data(), .stride = hidden, .bias_of = BiasOf::channel, .bias = bias.data(), .activation = gelu},
      scratch);
  from_memory.make(h.data(), all);
  const StoreLeft<isa, Levels, GeluKernel> store{straight, bias.data()};
  Strassen<isa, Levels>::multiply(left, panels, apart, store, scratch);
  // After the last row there is anything.
  for (std::ptrdiff_t piece = 0; piece < hidden; piece += strips * apart)
    for (std::ptrdiff_t number = 0; number < products; ++number)
      for (std::ptrdiff_t at = 0; at < (all.strip - 2) * straight.m(); ++at)
        REQUIRE(std::abs(straight.matrix(number, piece)[at] - from_memory.matrix(number, piece)[at]) < 1e-5F);
}

}  // namespace

TEST_CASE("Strassen's algorithm by one level gives the product, with the same bits for every number of workers") { check<1>(100); }
TEST_CASE("Strassen's algorithm by two levels gives the product, with the same bits for every number of workers") { check<2>(200); }

TEST_CASE("Strassen's algorithm takes a last block of few rows") {
  if (lanes == 1) return;
  for (const std::ptrdiff_t rows :
       {std::ptrdiff_t{1}, std::ptrdiff_t{3}, tile - 1, tile, tile + 1, 2 * tile + 1, 2 * tile + 2, 15 * tile / 7}) {
    CAPTURE(rows);
    const StrassenProduct<1> product({rows, 512, 2 * width});
    product.check(product.multiply(), 100);
  }
}

TEST_CASE("A product makes the left operands of the next one as from a stored result") {
  if (lanes == 1) return;
  check_straight<1>(14 * tile + 3, 384, 1536);
  check_straight<2>(24 * tile - 2, 512, 1024);
}

TEST_CASE("Parts of a matrix are numbered quarter by quarter") {
  STATIC_REQUIRE(strip_of_rows(2, 1) == 1);
  STATIC_REQUIRE(strip_of_columns(2, 1) == 0);
  // Part 6 = 1·4 + 2: the lower left quarter of the upper right one.
  STATIC_REQUIRE(strip_of_rows(6, 2) == 1);
  STATIC_REQUIRE(strip_of_columns(6, 2) == 2);
}

TEST_CASE("Every product of the algorithm is made once, and a sum is made beside the product before") {
  std::vector<std::ptrdiff_t> made;
  for (std::size_t t = 0; t < strassen_terms.size(); ++t) {
    made.push_back(strassen_terms[t].number);
    REQUIRE_FALSE((strassen_terms[t].sign != 0 && next_strassen_term(t).sign != 0));
  }
  std::sort(made.begin(), made.end());
  REQUIRE(made == std::vector<std::ptrdiff_t>{0, 1, 2, 3, 4, 5, 6});
}
