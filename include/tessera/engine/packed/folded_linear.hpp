// SPDX-License-Identifier: MIT
#pragma once

// Linear over channels as the engine keeps it: rows of a weight matrix in panels, and what stands before and behind it folded in,
//
//     W'[k,c] = after[k]·W[k,c]·before[c]        b'[k] = after[k]·(b[k] + Σ_c W[k,c]·shift[c])

#include <algorithm>
#include <array>
#include <numeric>

#include "tessera/core/parameter.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/epilogues.hpp"

namespace tessera::detail {

// Per channel; null pointers stand for 1, 0 and 1.
struct Fold {
  const float* before = nullptr;
  const float* shift = nullptr;
  const float* after = nullptr;
};

template <Engine E>
struct PlainPanels {
  template <class Element>
  Panels<E> operator()(std::ptrdiff_t columns, std::ptrdiff_t inner, const Element& element) const {
    return {columns, inner, element};
  }
};

// Σ a[i]·b[i] in double precision, in as many sums as keep the adders busy.
inline double dot(const float* a, const float* b, std::ptrdiff_t n) {
  std::array<double, 32> sums{};
  constexpr auto width = static_cast<std::ptrdiff_t>(sums.size());
  for (std::ptrdiff_t i = 0; i < n; i += width)
    for (std::ptrdiff_t j = 0; j < std::min(width, n - i); ++j) sums[static_cast<std::size_t>(j)] += double{a[i + j]} * b[i + j];
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

template <Engine E>
class FoldedLinear {
 public:
  FoldedLinear() = default;
  // Rows [first, first + rows) of the weight and the bias of a layer. pack(columns, inner, element) makes the panels.
  template <class Pack = PlainPanels<E>>
  FoldedLinear(const Parameter& weights, const Parameter& biases, std::ptrdiff_t first, std::ptrdiff_t rows, const Fold& fold,
               const Pack& pack = {}) {
    const std::ptrdiff_t channels = weights.extent(1);
    const float* const weight = weights.data() + first * channels;
    const float* const bias = biases.data() + first;
    const auto or_one = [](const float* factor, std::ptrdiff_t i) { return factor == nullptr ? 1.0F : factor[i]; };
    weights_ = pack(rows, channels, [&](std::ptrdiff_t k, std::ptrdiff_t c) {
      return weight[k * channels + c] * or_one(fold.before, c) * or_one(fold.after, k);
    });
    bias_ = padded_vector<E>(rows, [&](std::ptrdiff_t k) {
      const double shift = fold.shift == nullptr ? 0.0 : dot(weight + k * channels, fold.shift, channels);
      return static_cast<float>(bias[k] + shift) * or_one(fold.after, k);
    });
  }
  template <class Pack = PlainPanels<E>>
  FoldedLinear(const Parameter& weights, const Parameter& biases, const Fold& fold, const Pack& pack = {})
      : FoldedLinear(weights, biases, 0, weights.extent(0), fold, pack) {}

  const Panels<E>& weights() const { return weights_; }
  const float* bias() const { return bias_.data(); }
  std::ptrdiff_t outputs() const { return weights_.columns(); }
  std::ptrdiff_t inputs() const { return weights_.inner(); }

 private:
  Panels<E> weights_;
  Buffer bias_;
};

}  // namespace tessera::detail
