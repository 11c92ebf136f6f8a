// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes with registers of 256 bits (kernels/int8/dot_portable.hpp says what they are).
//
// With AVX-VNNI one instruction adds four products in 32 bits. Without it, pmaddubsw adds two in 16 bits: 2·255·64 = 32640 fits into them
// and 2·255·127 does not, so that weights have 7 bits there. Products of 16 bits would allow 8, at 0.8 of the speed (Zen 5, compiled for
// AVX2).

#include <cstddef>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

#ifdef EIGEN_VECTORIZE_AVX2

namespace tessera::detail {

template <Isa I>
struct DotAvx2 {
  static constexpr bool fast = true;
  static constexpr int zero = 0;
  using Bytes = __m256i;
  using Sums = __m256i;

  static EIGEN_ALWAYS_INLINE Sums zeros() { return _mm256_setzero_si256(); }
  static EIGEN_ALWAYS_INLINE Bytes load(const std::byte* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static EIGEN_ALWAYS_INLINE Bytes broadcast(const std::byte* from) {
    std::int32_t four;
    __builtin_memcpy(&four, from, sizeof four);
    return _mm256_set1_epi32(four);
  }
#ifdef __AVXVNNI__
  static constexpr int most_weight = 127;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    return _mm256_dpbusd_avx_epi32(sums, activations, weights);
  }
#else
  static constexpr int most_weight = 64;
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) {
    return _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(activations, weights), _mm256_set1_epi16(1)));
  }
#endif
  static EIGEN_ALWAYS_INLINE __m256 to_floats(Sums sums) { return _mm256_cvtepi32_ps(sums); }
  static EIGEN_ALWAYS_INLINE void store(std::int32_t* to, Sums sums) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), sums); }
  static EIGEN_ALWAYS_INLINE void pack(const Packet<I> (&q)[4], std::byte* to) {
    const __m256i low = _mm256_or_si256(_mm256_cvtps_epi32(q[0]), _mm256_slli_epi32(_mm256_cvtps_epi32(q[1]), 8));
    const __m256i high = _mm256_or_si256(_mm256_slli_epi32(_mm256_cvtps_epi32(q[2]), 16), _mm256_slli_epi32(_mm256_cvtps_epi32(q[3]), 24));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_or_si256(low, high));
  }
};

}  // namespace tessera::detail

#endif
