// SPDX-License-Identifier: MIT
#pragma once

// Products of bytes by the dot product of 64-bit ARM (kernels/int8/dot_portable.hpp says what they are). It multiplies signed bytes, so an
// activation q is kept as q - 128.

#include <cstddef>
#include <cstdint>

#include "tessera/kernels/packet.hpp"

#if defined(EIGEN_VECTORIZE_NEON) && defined(__ARM_FEATURE_DOTPROD)

namespace tessera::detail {

template <Isa I>
struct DotNeon {
  static constexpr bool fast = true;
  static constexpr int zero = 128, most_weight = 127;
  using Bytes = int8x16_t;
  using Sums = int32x4_t;

  static EIGEN_ALWAYS_INLINE Sums zeros() { return vdupq_n_s32(0); }
  static EIGEN_ALWAYS_INLINE Bytes load(const std::byte* from) { return vld1q_s8(reinterpret_cast<const std::int8_t*>(from)); }
  static EIGEN_ALWAYS_INLINE Bytes broadcast(const std::byte* from) {
    std::int32_t four;
    __builtin_memcpy(&four, from, sizeof four);
    return vreinterpretq_s8_s32(vdupq_n_s32(four));
  }
  static EIGEN_ALWAYS_INLINE Sums add(Sums sums, Bytes activations, Bytes weights) { return vdotq_s32(sums, activations, weights); }
  static EIGEN_ALWAYS_INLINE float32x4_t to_floats(Sums sums) { return vcvtq_f32_s32(sums); }
  static EIGEN_ALWAYS_INLINE void store(std::int32_t* to, Sums sums) { vst1q_s32(to, sums); }
  static EIGEN_ALWAYS_INLINE void pack(const Packet<I> (&q)[4], std::byte* to) {
    int32x4_t bytes = vcvtnq_s32_f32(q[0]);
    bytes = vsliq_n_s32(bytes, vcvtnq_s32_f32(q[1]), 8);
    bytes = vsliq_n_s32(bytes, vcvtnq_s32_f32(q[2]), 16);
    bytes = vsliq_n_s32(bytes, vcvtnq_s32_f32(q[3]), 24);
    vst1q_s8(reinterpret_cast<std::int8_t*>(to), veorq_s8(vreinterpretq_s8_s32(bytes), vdupq_n_s8(-128)));
  }
};

}  // namespace tessera::detail

#endif
