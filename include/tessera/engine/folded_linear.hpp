// SPDX-License-Identifier: MIT
#pragma once

// Linear over channels as the engine keeps it: rows of a weight matrix in panels, and what stands before and behind it folded in,
//
//     W'[k,c] = after[k]·W[k,c]·before[c]        b'[k] = after[k]·(b[k] + Σ_c W[k,c]·shift[c])

#include "tessera/core/parameter.hpp"
#include "tessera/engine/engine.hpp"
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
      double sum = bias[k];
      for (std::ptrdiff_t c = 0; fold.shift != nullptr && c < channels; ++c) sum += double{weight[k * channels + c]} * fold.shift[c];
      return static_cast<float>(sum) * or_one(fold.after, k);
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
