// SPDX-License-Identifier: MIT
#pragma once

// GELU for AVX-512, where one instruction looks up 16 numbers in a table of 32. With the upper tail Q = 1 - Φ,
//
//     x·Φ(x) = max(x, 0) - z·Q(z),     z = min(|x|, c)
//
// and Q is a polynomial of degree 3 in each of 31 intervals of width w around 0, w, 2w, ..., 30w and 0 in the last one, which holds c. The
// error is at most 2·10⁻⁷ for |x| < 1 and 5·10⁻⁷ elsewhere. With degree 4 it would be half as large in the middle, and larger elsewhere:
// higher powers round more.

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

#ifdef EIGEN_VECTORIZE_AVX512DQ

struct GeluTable {
  static constexpr int intervals = 32;
  static constexpr double width = 5.25 / 30.5, c = 31 * width;
  alignas(64) float coefficient[4][intervals]{};  // [k][i]: of z^k in interval i

  // Taylor's series of Q in the middle m of an interval, up to h⁵. h⁵ and h⁴ become lower powers by the Chebyshev polynomials T5 and T4,
  // small in the interval.
  constexpr GeluTable() {
    for (int i = 0; i + 1 < intervals; ++i) {
      const double m = i * width, a = width / 2;
      double density = 0, area = 0;  // φ(m), Φ(m) - ½
      for (double k = 0, term = 0.3989422804014327; k < 64; term *= -m * m / 2 / ++k) {
        density += term;
        area += m * term / (2 * k + 1);
      }
      const double h5 = density * (6 * m * m - m * m * m * m - 3) / 120, h4 = density * (m * m * m - 3 * m) / 24;
      const double h3 = density * (1 - m * m) / 6 + h5 * a * a * 5 / 4, h2 = density * m / 2 + h4 * a * a;
      const double h1 = -density - h5 * a * a * a * a * 5 / 16, h0 = 0.5 - area - h4 * a * a * a * a / 8;
      coefficient[0][i] = static_cast<float>(h0 - m * (h1 - m * (h2 - m * h3)));
      coefficient[1][i] = static_cast<float>(h1 - m * (2 * h2 - m * 3 * h3));
      coefficient[2][i] = static_cast<float>(h2 - m * 3 * h3);
      coefficient[3][i] = static_cast<float>(h3);
    }
  }
};
inline constexpr GeluTable gelu_table;

EIGEN_ALWAYS_INLINE Eigen::internal::Packet16f gelu_by_table(const Eigen::internal::Packet16f& x) {
  constexpr int absolute_minimum = 0b1010;
  const __m512 z = _mm512_range_ps(x, _mm512_set1_ps(static_cast<float>(GeluTable::c)), absolute_minimum);
  // In single precision, 1.5·2²³ + i has i in its lowest bits, the only ones that a look-up reads.
  const __m512 interval = _mm512_fmadd_ps(z, _mm512_set1_ps(static_cast<float>(1 / GeluTable::width)), _mm512_set1_ps(12582912.0F));
  const auto coefficient = [&](int k) {
    const float* const row = gelu_table.coefficient[k];
    return _mm512_permutex2var_ps(_mm512_load_ps(row), _mm512_castps_si512(interval), _mm512_load_ps(row + 16));
  };
  __m512 tail = coefficient(3);
#pragma GCC unroll 3
  for (int k = 2; k >= 0; --k) tail = _mm512_fmadd_ps(tail, z, coefficient(k));
  return _mm512_fnmadd_ps(z, tail, _mm512_max_ps(_mm512_setzero_ps(), x));
}

#endif

}  // namespace tessera::detail
