// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes with registers of 128 bits (kernels/int8/dot_portable.hpp says what they are).
//
// With SSSE3, pmaddubsw adds two products in 16 bits. 2·255·64 = 32640 fits into them and 2·255·127 does not, so that weights have 7 bits.
// With SSE2 alone bytes are widened to 16 bits, and pmaddwd adds two products in 32.

#include <cstddef>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

#ifdef EIGEN_VECTORIZE_SSE

namespace tessera::detail {

template <Isa I>
struct DotSse {
  static constexpr bool fast = true;
  static constexpr int zero = 0;
  using Bytes = __m128i;
  using Sums = __m128i;

  static EIGEN_ALWAYS_INLINE Sums zeros() { return _mm_setzero_si128(); }
  static EIGEN_ALWAYS_INLINE Bytes load(const std::byte* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }
  static EIGEN_ALWAYS_INLINE Bytes broadcast(const std::byte* from) {
    std::int32_t four;
    __builtin_memcpy(&four, from, sizeof four);
    return _mm_set1_epi32(four);
  }
#ifdef EIGEN_VECTORIZE_SSSE3
  static constexpr int most_weight = 64;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    return _mm_add_epi32(sums, _mm_madd_epi16(_mm_maddubs_epi16(activations, weights), _mm_set1_epi16(1)));
  }
#else
  static constexpr int most_weight = 127;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    const __m128i even = _mm_and_si128(activations, _mm_set1_epi16(0xFF)), odd = _mm_srli_epi16(activations, 8);
    const __m128i even_weights = _mm_srai_epi16(_mm_slli_epi16(weights, 8), 8), odd_weights = _mm_srai_epi16(weights, 8);
    return _mm_add_epi32(sums, _mm_add_epi32(_mm_madd_epi16(even, even_weights), _mm_madd_epi16(odd, odd_weights)));
  }
#endif
  static EIGEN_ALWAYS_INLINE __m128 to_floats(Sums sums) { return _mm_cvtepi32_ps(sums); }
  static EIGEN_ALWAYS_INLINE void store(std::int32_t* to, Sums sums) { _mm_storeu_si128(reinterpret_cast<__m128i*>(to), sums); }
  static EIGEN_ALWAYS_INLINE void pack(const Packet<I> (&q)[4], std::byte* to) {
    const __m128i low = _mm_or_si128(_mm_cvtps_epi32(q[0]), _mm_slli_epi32(_mm_cvtps_epi32(q[1]), 8));
    const __m128i high = _mm_or_si128(_mm_slli_epi32(_mm_cvtps_epi32(q[2]), 16), _mm_slli_epi32(_mm_cvtps_epi32(q[3]), 24));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm_or_si128(low, high));
  }
};

}  // namespace tessera::detail

#endif
