// SPDX-License-Identifier: MIT
#pragma once

// Epilogue: what becomes of the sums s[n,c] of a product when they are complete. With a = activation(s + bias),
//
//     Combine::store       y[n,c]  = a                       a layer
//     Combine::add         y[n,c] += a                       a layer at the end of a residual branch
//     Combine::add_gain    y[n,c] += gain[c] · a             the same with a factor of each channel
//     Combine::multiply    y[n,c] *= a                       a gate
//     Combine::scale       y[n,c]  = gain[n] · a             with a factor of each row
//
// The bias is that of the column c (BiasOf::channel), as in layers over channels, of the row n (BiasOf::token), as in layers over tokens,
// or zero. Vectors over channels are readable up to the end of the packet that holds their last element.

#include <cstddef>

#include "tessera/kernels/activations.hpp"

namespace tessera::detail {

enum class Combine { store, add, add_gain, multiply, scale };
enum class BiasOf { none, channel, token };

struct Epilogue {
  float* y;
  std::ptrdiff_t stride;  // from row to row of y
  BiasOf bias_of = BiasOf::none;
  const float* bias = nullptr;
  Activation activation{};
  Combine combine = Combine::store;
  const float* gain = nullptr;

  // The same for a product whose row 0 is row `first` of this one.
  Epilogue from_row(std::ptrdiff_t first) const {
    Epilogue part = *this;
    part.y += first * stride;
    if (bias_of == BiasOf::token) part.bias += first;
    if (combine == Combine::scale) part.gain += first;
    return part;
  }
};

// The bias of the packet that begins with y[n,c].
template <class P>
EIGEN_ALWAYS_INLINE P bias_at(const Epilogue& epilogue, std::ptrdiff_t n, std::ptrdiff_t c) {
  using namespace Eigen::internal;
  if (epilogue.bias_of == BiasOf::channel) return ploadu<P>(epilogue.bias + c);
  return pset1<P>(epilogue.bias_of == BiasOf::token ? epilogue.bias[n] : 0.0F);
}

// The new packet y[n,c], ... from the activated one and the old one.
template <Combine How, class P>
EIGEN_ALWAYS_INLINE P combined(const Epilogue& epilogue, std::ptrdiff_t n, std::ptrdiff_t c, const P& a, const P& old) {
  using namespace Eigen::internal;
  if constexpr (How == Combine::store) return a;
  if constexpr (How == Combine::add) return padd(old, a);
  if constexpr (How == Combine::add_gain) return pmadd(ploadu<P>(epilogue.gain + c), a, old);
  if constexpr (How == Combine::multiply) return pmul(old, a);
  if constexpr (How == Combine::scale) return pmul(a, pset1<P>(epilogue.gain[n]));
}

template <Combine How>
using CombineConstant = std::integral_constant<Combine, How>;

// use(CombineConstant) with the epilogue's way of combining.
template <class Use>
EIGEN_ALWAYS_INLINE void with_combine(Combine how, const Use& use) {
  switch (how) {
    case Combine::store:
      return use(CombineConstant<Combine::store>{});
    case Combine::add:
      return use(CombineConstant<Combine::add>{});
    case Combine::add_gain:
      return use(CombineConstant<Combine::add_gain>{});
    case Combine::multiply:
      return use(CombineConstant<Combine::multiply>{});
    case Combine::scale:
      return use(CombineConstant<Combine::scale>{});
  }
}

}  // namespace tessera::detail
