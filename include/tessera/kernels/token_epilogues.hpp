// SPDX-License-Identifier: MIT
#pragma once

// Epilogues of products over tokens, y = W · x: the bias belongs to a row of the tile.
//
//     StoreTokenBias   y[n,c]  = act(s[n,c] + bias[n])
//     AddScaled        y[n,c] += gain[c]·(s[n,c] + bias[n])          at the end of a residual branch
//     MultiplyBy       y[n,c] *= s[n,c] + bias[n]                    a gate, in front of what it lets through
//
// gain is readable up to the end of the packet that holds its last element.

#include "tessera/kernels/epilogues.hpp"

namespace tessera::detail {

// A bias that sums begin with.
struct TokenBias {
  TokenBias(const float* of_tokens) : bias(of_tokens) {}
  template <class P>
  P start(std::ptrdiff_t n, std::ptrdiff_t) const {
    return Eigen::internal::pset1<P>(bias[n]);
  }

  const float* bias;
};

template <Isa I, class Activation>
struct StoreTokenBias {
  float* y;
  std::ptrdiff_t stride;
  TokenBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P&) const {
    return Activation::apply(sum);
  }
};

template <Isa I>
struct AddScaled {
  float* y;
  std::ptrdiff_t stride;
  const float* gain;
  TokenBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t c, const P& sum, const P& old) const {
    using namespace Eigen::internal;
    return pmadd(ploadu<P>(gain + c), sum, old);
  }
};

template <Isa I>
struct MultiplyBy {
  float* y;
  std::ptrdiff_t stride;
  TokenBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P& old) const {
    return Eigen::internal::pmul(old, sum);
  }
};

}  // namespace tessera::detail
