// SPDX-License-Identifier: MIT
//
// Strassen's product against a plain loop in double, on sizes that use every path: a lower half with fewer rows, several pieces of the
// inner dimension, several pairs of panels; and the same bits for every number of workers.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/operands.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/kernels/strassen.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

using PairLeft = StrassenLeft<isa>;

// Multiplied by Strassen's algorithm with so many workers.
class PairProduct : public Operands {
 public:
  explicit PairProduct(Size size)
      : Operands(size),
        panels_(Strassen<isa>::pack(size.columns, size.inner, size.columns / 2,
                                      [&](std::ptrdiff_t column, std::ptrdiff_t k) { return w(column, k); })) {}

  std::vector<float> strassen(Workers* workers = nullptr) const {
    std::vector<float> y(results(), NAN);
    Scratch scratch(
        Scratch::rounded(PairLeft::floats(size().rows, size().inner)) + Strassen<isa>::scratch_floats(size().rows, size().inner),
        workers);
    Strassen<isa>::share(size().rows, scratch, [&](const auto& part, Scratch& own) {
      Scratch::Frame frame(own);
      const PairLeft left(part, size().inner, frame.take(PairLeft::floats(size().rows, size().inner)));
      left.make(x());
      Strassen<isa>::multiply(left, panels_, size().columns / 2, store(y), own);
    });
    return y;
  }

 private:
  Panels<isa> panels_;
};

void check_pairs(const Size& size) {
  CAPTURE(size.rows, size.inner, size.columns);
  const PairProduct product(size);
  product.check(product.strassen(), 100);
}

std::vector<Size> pair_sizes() {
  constexpr std::ptrdiff_t tile = RegisterTile<isa>::rows, pair = 2 * panel_width<isa>;
  return {{196, 256, 512},  {12 * tile, 384, 384}, {12 * tile + 1, 512, 384 + pair}, {24 * tile, 128, 256}, {14 * tile - 1, 768, 384},
          {196, 1024, 384}, {100, 4096, 384}};
}

}  // namespace

TEST_CASE("Strassen's algorithm gives the product") {
  for (const Size& size : pair_sizes()) {
    CAPTURE(size.rows, size.inner, size.columns);
    REQUIRE(Strassen<isa>::fits(size.inner, size.columns) == (lanes > 1));
    if (lanes > 1) check_pairs(size);
  }
}

TEST_CASE("Strassen's algorithm takes a last block of few rows") {
  constexpr std::ptrdiff_t tile = RegisterTile<isa>::rows, pair = 2 * panel_width<isa>;
  if (lanes == 1) return;
  for (const std::ptrdiff_t rows : {std::ptrdiff_t{1}, tile - 1, tile, tile + 1, 2 * tile + 1}) check_pairs({rows, 512, pair});
}

TEST_CASE("Strassen's algorithm gives the same bits for every number of workers") {
  for (const Size& size : pair_sizes()) {
    CAPTURE(size.rows, size.inner, size.columns);
    if (!Strassen<isa>::fits(size.inner, size.columns)) continue;
    const PairProduct product(size);
    const std::vector<float> want = product.strassen();
    for (const int threads : {2, 3, 4}) {
      ThreadPoolWorkers workers(threads);
      REQUIRE(product.strassen(&workers) == want);
    }
  }
}

TEST_CASE("A product that makes the left operands of the next one gives what its stored result gives") {
  using S = Strassen<isa>;
  constexpr std::ptrdiff_t columns = 384, rows = 14 * RegisterTile<isa>::rows + 3, inner = 384, hidden = 1536;
  if (lanes == 1) return;
  REQUIRE((S::fits(inner, hidden) && S::fits(hidden, columns)));
  const auto panels = [&](const char* key, std::ptrdiff_t outputs, std::ptrdiff_t terms, std::ptrdiff_t apart) {
    const std::vector<float> w = numbers(key, outputs * terms);
    return S::pack(outputs, terms, apart,
                   [&](std::ptrdiff_t column, std::ptrdiff_t k) { return w[static_cast<std::size_t>(column * terms + k)]; });
  };
  const std::vector<float> x = numbers("x", rows * inner), bias = numbers("bias", hidden);
  const Panels<isa> second = panels("second", columns, hidden, columns / 2);

  const auto both = [&](bool straight) {
    const std::ptrdiff_t apart = straight ? StrassenHalves<isa>::inner(hidden) : hidden / 2;
    const Panels<isa> first = panels("first", hidden, inner, apart);
    std::vector<float> h(static_cast<std::size_t>(rows * hidden)), y(static_cast<std::size_t>(rows * columns), NAN);
    Scratch scratch(Scratch::rounded(PairLeft::floats(rows, inner)) + Scratch::rounded(PairLeft::floats(rows, hidden)) +
                    std::max(S::scratch_floats(rows, inner), S::scratch_floats(rows, hidden)));
    S::share(rows, scratch, [&](const auto& part, Scratch& own) {
      Scratch::Frame frame(own);
      const PairLeft left1(part, inner, frame.take(PairLeft::floats(rows, inner))),
          left2(part, hidden, frame.take(PairLeft::floats(rows, hidden)));
      left1.make(x.data());
      if (straight) {
        S::multiply(left1, first, apart, StoreLeft<isa, GeluKernel>{left2, bias.data()}, own);
      } else {
        S::multiply(left1, first, apart, StoreBias<isa, GeluKernel>{h.data(), hidden, bias.data()}, own);
        left2.make(h.data());
      }
      S::multiply(left2, second, columns / 2, StoreBias<isa, NoActivation>{y.data(), columns, bias.data()}, own);
    });
    return y;
  };
  const std::vector<float> want = both(false);
  REQUIRE(std::none_of(want.begin(), want.end(), [](float v) { return std::isnan(v); }));
  // The two pair other columns of the hidden activation, so they round otherwise. Sums are about 10.
  const std::vector<float> got = both(true);
  for (std::size_t i = 0; i < want.size(); ++i) REQUIRE(std::abs(got[i] - want[i]) < 1e-4F);
}
