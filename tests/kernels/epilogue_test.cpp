// SPDX-License-Identifier: MIT
//
// Every combination of an epilogue (kernels/epilogue.hpp) against plain arithmetic in double: on full and incomplete tiles, and through
// Strassen's algorithm.

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.hpp"
#include "kernels/numbers.hpp"
#include "tessera/kernels/shared_product.hpp"
#include "tessera/kernels/strassen/strassen.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

struct Case {
  Combine combine;
  BiasOf bias_of;
  Activation activation;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Combine combine : {Combine::store, Combine::add, Combine::add_gain, Combine::multiply, Combine::scale})
    for (const BiasOf bias_of : {BiasOf::none, BiasOf::channel, BiasOf::token})
      for (const Activation& activation : {Activation{}, Activation{.relu = true}, Activation{.function = activate<isa, GeluKernel>}})
        all.push_back({combine, bias_of, activation});
  return all;
}

// A product of rows × inner by inner × columns with epilogues.
class Product {
 public:
  Product(std::ptrdiff_t rows, std::ptrdiff_t inner, std::ptrdiff_t columns)
      : rows_(rows),
        inner_(inner),
        columns_(columns),
        x_(numbers("x", rows * inner)),
        w_(numbers("w", columns * inner)),
        old_(numbers("y", rows * columns)),
        bias_(numbers("bias", std::max(rows, columns) + lanes)),
        gain_(numbers("gain", std::max(rows, columns) + lanes)) {}

  template <class Multiply>
  void check(const Multiply& multiply) const {
    const WeightMatrix weights{.data = w_.data(), .columns = columns_, .inner = inner_};
    for (const Case& c : cases()) {
      CAPTURE(static_cast<int>(c.combine), static_cast<int>(c.bias_of), c.activation.relu, c.activation.function != nullptr);
      std::vector<float> y = old_;
      multiply(x_.data(), weights, Epilogue{y.data(), columns_, c.bias_of, bias_.data(), c.activation, c.combine, gain_.data()});
      for (std::ptrdiff_t n = 0; n < rows_; ++n)
        for (std::ptrdiff_t k = n % 3; k < columns_; k += 3) REQUIRE(std::abs(y[at(n * columns_ + k)] - exact(c, n, k)) < 1e-5);
    }
  }

 private:
  static std::size_t at(std::ptrdiff_t i) { return static_cast<std::size_t>(i); }
  double exact(const Case& c, std::ptrdiff_t n, std::ptrdiff_t k) const {
    double a = c.bias_of == BiasOf::none ? 0.0 : bias_[at(c.bias_of == BiasOf::channel ? k : n)];
    for (std::ptrdiff_t i = 0; i < inner_; ++i) a += double{x_[at(n * inner_ + i)]} * w_[at(k * inner_ + i)];
    if (c.activation.relu) a = std::max(a, 0.0);
    if (c.activation.function != nullptr) a *= 0.5 * std::erfc(-a / std::sqrt(2.0));
    const double old = old_[at(n * columns_ + k)];
    switch (c.combine) {
      case Combine::store:
        return a;
      case Combine::add:
        return old + a;
      case Combine::add_gain:
        return old + gain_[at(k)] * a;
      case Combine::multiply:
        return old * a;
      case Combine::scale:
        return gain_[at(n)] * a;
    }
    return NAN;
  }

  std::ptrdiff_t rows_, inner_, columns_;
  std::vector<float> x_, w_, old_, bias_, gain_;
};

}  // namespace

TEST_CASE("Every epilogue takes the sums of full and incomplete tiles") {
  for (const std::ptrdiff_t inner : {20, 300}) {
    const Product product(2 * RegisterTile<isa>::rows + 3, inner, panel_width<isa> + lanes + 1);
    product.check([](const float* x, const WeightMatrix& weights, const Epilogue& epilogue) {
      const Panels<isa> panels(weights);
      Scratch scratch(0);
      multiply_panels<isa>(x, weights.inner, {0, 2 * RegisterTile<isa>::rows + 3}, panels, epilogue, scratch);
    });
  }
}

TEST_CASE("Every epilogue takes the results of Strassen's algorithm") {
  if (lanes == 1) return;
  constexpr std::ptrdiff_t rows = 2 * RegisterTile<isa>::rows + 3, inner = 128;
  const StripRows all{rows, Split<isa, 1>::rows(rows), 0, Split<isa, 1>::rows(rows)};
  const Product product(rows, inner, 2 * panel_width<isa>);
  product.check([&](const float* x, const WeightMatrix& weights, const Epilogue& epilogue) {
    const Panels<isa> panels = pack_weights<isa, 1>(weights, panel_width<isa>);
    Buffer memory(StrassenLeft<isa, 1>::floats(rows, inner));
    Scratch scratch(Strassen<isa, 1>::scratch_floats(rows, inner));
    const StrassenLeft<isa, 1> left(all, inner, memory.data());
    left.make(x, all);
    Strassen<isa, 1>::multiply(left, panels, panel_width<isa>, epilogue, scratch);
  });
}
