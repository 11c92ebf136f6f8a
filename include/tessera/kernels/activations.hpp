// SPDX-License-Identifier: MIT
#pragma once

// Activations on SIMD packets, the same functions as in layers/activation.hpp, and Activation, one of them as a value.

#include <cstddef>

#include "tessera/kernels/gelu_table.hpp"
#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

// x·Φ(x) with Φ(x) = ½ + z·N(z²)/D(z²) and z = x, but not below -c or above c, where Φ is 0 and 1 in single precision. N and D, of degree
// 5, are the minimax fit to Φ with weights x² that is exact at c. The error is about 10⁻⁷ for |x| < 1 and about 10⁻⁶ at most between
// -c and c, as with Eigen's perf, which takes two multiplications more. AVX-512 has a table instead.
struct GeluKernel {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    constexpr float c = 5.56F;
    constexpr float numerator[] = {0.398942202F, 0.0342401341F, 0.00469862996F, 0.000172344386F, 6.33776745e-06F, 2.22195418e-08F};
    constexpr float denominator[] = {1.0F, 0.252493143F, 0.0288614016F, 0.00190480938F, 7.45636571e-05F, 1.18085222e-06F};
    const P z = pmax(pmin(x, pset1<P>(c)), pset1<P>(-c));
    const P square = pmul(z, z);
    P n = pset1<P>(numerator[5]), d = pset1<P>(denominator[5]);
#pragma GCC unroll 5
    for (int i = 4; i >= 0; --i) {
      n = pmadd(n, square, pset1<P>(numerator[i]));
      d = pmadd(d, square, pset1<P>(denominator[i]));
    }
    return pmul(x, pmadd(z, pdiv(n, d), pset1<P>(0.5F)));
  }
#ifdef EIGEN_VECTORIZE_AVX512DQ
  static EIGEN_ALWAYS_INLINE Eigen::internal::Packet16f apply(const Eigen::internal::Packet16f& x) { return gelu_by_table(x); }
#endif
};

struct GeluTanhKernel {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    const P half = pmul(x, pset1<P>(0.5F));
    const P cubic = pmadd(pmul(pmul(x, x), x), pset1<P>(0.044715F), x);
    return pmadd(half, ptanh(pmul(cubic, pset1<P>(0.79788456080286536F))), half);
  }
};

struct NoActivation {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    return x;
  }
};

struct ReluKernel {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    return Eigen::internal::pmax(x, Eigen::internal::pset1<P>(0.0F));
  }
};

struct SiluKernel {
  template <class P>
  static EIGEN_ALWAYS_INLINE P apply(const P& x) {
    using namespace Eigen::internal;
    return pdiv(x, padd(pexp(pnegate(x)), pset1<P>(1.0F)));
  }
};

// Applies a function to rows × columns numbers, whole packets in each row. `to` may be `from`.
template <Isa I, class Function>
void activate(const float* from, std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride, std::ptrdiff_t rows,
              std::ptrdiff_t columns) {
  using namespace Eigen::internal;
  for (std::ptrdiff_t r = 0; r < rows; ++r, from += from_stride, to += to_stride)
    for (std::ptrdiff_t c = 0; c < columns; c += lanes_of<I>) pstoreu(to + c, Function::apply(ploadu<Packet<I>>(from + c)));
}

// What a product does to its sums: nothing, max(0, ·) in registers, or a function of whole tiles in the first-level cache, where the call
// costs nothing that counts.
struct Activation {
  bool relu = false;
  void (*function)(const float* from, std::ptrdiff_t from_stride, float* to, std::ptrdiff_t to_stride, std::ptrdiff_t rows,
                   std::ptrdiff_t columns) = nullptr;

  bool none() const { return !relu && function == nullptr; }
};

}  // namespace tessera::detail
