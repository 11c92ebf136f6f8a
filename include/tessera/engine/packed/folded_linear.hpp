// SPDX-License-Identifier: MIT
#pragma once

// Linear over channels as the engine keeps it: rows of a weight matrix in panels, and what stands before and after it folded in,
//
//     W'[k,c] = after[k]·W[k,c]·before[c]        b'[k] = after[k]·(b[k] + Σ_c W[k,c]·shift[c])

#include <algorithm>
#include <array>
#include <numeric>

#include "tessera/core/parameter.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/engine/policy.hpp"
#include "tessera/kernels/strassen/right.hpp"

namespace tessera::detail {

// Per channel; null pointers stand for 1, 0 and 1.
struct Fold {
  const float* before = nullptr;
  const float* shift = nullptr;
  const float* after = nullptr;
};

// Σ a[i]·b[i] in double precision, in as many sums as keep the adders busy.
inline double dot(const float* a, const float* b, std::ptrdiff_t n) {
  std::array<double, 32> sums{};
  constexpr auto width = static_cast<std::ptrdiff_t>(sums.size());
  for (std::ptrdiff_t i = 0; i < n; i += width)
    for (std::ptrdiff_t j = 0; j < std::min(width, n - i); ++j)
      sums[static_cast<std::size_t>(j)] += static_cast<double>(a[i + j]) * static_cast<double>(b[i + j]);
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// b' of `rows` rows of a weight matrix.
template <Isa I>
Buffer folded_bias(const float* weight, const float* bias, std::ptrdiff_t rows, std::ptrdiff_t channels, const Fold& fold) {
  return padded_vector<I>(rows, [&](std::ptrdiff_t k) {
    const double shift = fold.shift == nullptr ? 0.0 : dot(weight + k * channels, fold.shift, channels);
    return static_cast<float>(static_cast<double>(bias[k]) + shift) * (fold.after == nullptr ? 1.0F : fold.after[k]);
  });
}

// A linear layer packed for `Levels` levels of Strassen's algorithm.
template <Isa I, int Levels = 0>
class FoldedLinear {
 public:
  FoldedLinear() = default;
  // Rows [first, first + rows) of the weight and the bias of a layer. apart: distance of the columns that belong together.
  FoldedLinear(const Parameter& weights, const Parameter& biases, std::ptrdiff_t first, std::ptrdiff_t rows, const Fold& fold,
               std::ptrdiff_t apart = 0) {
    const auto channels = static_cast<std::ptrdiff_t>(weights.extent(1));
    const float* const weight = weights.data() + first * channels;
    weights_ =
        pack_weights<I, Levels>({.data = weight, .columns = rows, .inner = channels, .before = fold.before, .after = fold.after}, apart);
    bias_ = folded_bias<I>(weight, biases.data() + first, rows, channels, fold);
  }
  FoldedLinear(const Parameter& weights, const Parameter& biases, const Fold& fold, std::ptrdiff_t apart = 0)
      : FoldedLinear(weights, biases, 0, static_cast<std::ptrdiff_t>(weights.extent(0)), fold, apart) {}

  const Panels<I>& weights() const { return weights_; }
  const float* bias() const { return bias_.data(); }
  std::ptrdiff_t outputs() const { return weights_.columns(); }
  std::ptrdiff_t inputs() const { return weights_.inner(); }

 private:
  Panels<I> weights_;
  Buffer bias_;
};

}  // namespace tessera::detail
