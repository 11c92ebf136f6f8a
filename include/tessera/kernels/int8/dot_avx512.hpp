// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes with registers of 512 bits (kernels/int8/dot_portable.hpp says what they are).
//
// With AVX512-VNNI one instruction adds four products in 32 bits. With AVX512-BW alone, pmaddubsw adds two in 16 bits, and weights have 7
// bits, as with AVX2.

#include <cstddef>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

#if defined(EIGEN_VECTORIZE_AVX512) && defined(__AVX512BW__)

namespace tessera::detail {

template <Isa I>
struct DotAvx512 {
  static constexpr bool fast = true;
  static constexpr int zero = 0;
  using Bytes = __m512i;
  using Sums = __m512i;

  static EIGEN_ALWAYS_INLINE Sums zeros() { return _mm512_setzero_si512(); }
  static EIGEN_ALWAYS_INLINE Bytes load(const std::byte* from) { return _mm512_loadu_si512(from); }
  static EIGEN_ALWAYS_INLINE Bytes broadcast(const std::byte* from) {
    std::int32_t four;
    __builtin_memcpy(&four, from, sizeof four);
    return _mm512_set1_epi32(four);
  }
#ifdef __AVX512VNNI__
  static constexpr int most_weight = 127;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    return _mm512_dpbusd_epi32(sums, activations, weights);
  }
#else
  static constexpr int most_weight = 64;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    return _mm512_add_epi32(sums, _mm512_madd_epi16(_mm512_maddubs_epi16(activations, weights), _mm512_set1_epi16(1)));
  }
#endif
  static EIGEN_ALWAYS_INLINE __m512 to_floats(Sums sums) { return _mm512_cvtepi32_ps(sums); }
  static EIGEN_ALWAYS_INLINE void store(std::int32_t* to, Sums sums) { _mm512_storeu_si512(to, sums); }
  static EIGEN_ALWAYS_INLINE void pack(const Packet<I> (&q)[4], std::byte* to) {
    const __m512i low = _mm512_or_si512(_mm512_cvtps_epi32(q[0]), _mm512_slli_epi32(_mm512_cvtps_epi32(q[1]), 8));
    const __m512i high = _mm512_or_si512(_mm512_slli_epi32(_mm512_cvtps_epi32(q[2]), 16), _mm512_slli_epi32(_mm512_cvtps_epi32(q[3]), 24));
    _mm512_storeu_si512(to, _mm512_or_si512(low, high));
  }
};

}  // namespace tessera::detail

#endif
