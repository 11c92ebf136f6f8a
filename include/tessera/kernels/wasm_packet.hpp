// SPDX-License-Identifier: MIT
#pragma once

// Four floats in a SIMD register of WebAssembly (-msimd128), for which Eigen has no packets. The primitives that the kernels use are added
// to Eigen's: what is written for a packet of Eigen's works with this one.

#ifdef __wasm_simd128__

#include <wasm_simd128.h>

#include <algorithm>
#include <bit>

#include "tessera/core/eigen.hpp"

namespace tessera::detail {

using WasmPacket = float __attribute__((vector_size(16)));

// The same bits as the type that the instructions take and give.
EIGEN_ALWAYS_INLINE v128_t wasm_bits(const WasmPacket& a) { return std::bit_cast<v128_t>(a); }
EIGEN_ALWAYS_INLINE WasmPacket wasm_packet(const v128_t& a) { return std::bit_cast<WasmPacket>(a); }

// 2^n for whole numbers n between -126 and 127.
EIGEN_ALWAYS_INLINE WasmPacket power_of_two(const v128_t& n) {
  return wasm_packet(wasm_i32x4_shl(wasm_i32x4_add(n, wasm_i32x4_splat(127)), 23));
}

}  // namespace tessera::detail

namespace Eigen::internal {

template <>
struct unpacket_traits<tessera::detail::WasmPacket> {
  using type = float;
  using half = tessera::detail::WasmPacket;
  enum { size = 4, alignment = Aligned16, vectorizable = true, masked_load_available = false, masked_store_available = false };
};

template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pset1<tessera::detail::WasmPacket>(const float& a) {
  return tessera::detail::WasmPacket{a, a, a, a};
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket ploadu<tessera::detail::WasmPacket>(const float* from) {
  return tessera::detail::wasm_packet(wasm_v128_load(from));
}
template <>
EIGEN_ALWAYS_INLINE void pstoreu<float, tessera::detail::WasmPacket>(float* to, const tessera::detail::WasmPacket& a) {
  wasm_v128_store(to, tessera::detail::wasm_bits(a));
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket padd(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  return a + b;
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket psub(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  return a - b;
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pmul(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  return a * b;
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pdiv(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  return a / b;
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pnegate(const tessera::detail::WasmPacket& a) {
  return -a;
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pmadd(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b,
                                                      const tessera::detail::WasmPacket& c) {
#ifdef __wasm_relaxed_simd__
  using namespace tessera::detail;
  return wasm_packet(wasm_f32x4_relaxed_madd(wasm_bits(a), wasm_bits(b), wasm_bits(c)));
#else
  return a * b + c;
#endif
}
// Processors have these two as one instruction each: a where the other one is not a number, b where it is a.
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pmax(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  using namespace tessera::detail;
  return wasm_packet(wasm_f32x4_pmax(wasm_bits(a), wasm_bits(b)));
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pmin(const tessera::detail::WasmPacket& a, const tessera::detail::WasmPacket& b) {
  using namespace tessera::detail;
  return wasm_packet(wasm_f32x4_pmin(wasm_bits(a), wasm_bits(b)));
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pmax<PropagateNaN>(const tessera::detail::WasmPacket& a,
                                                                   const tessera::detail::WasmPacket& b) {
  using namespace tessera::detail;
  return wasm_packet(wasm_f32x4_max(wasm_bits(a), wasm_bits(b)));
}
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket psqrt(const tessera::detail::WasmPacket& a) {
  using namespace tessera::detail;
  return wasm_packet(wasm_f32x4_sqrt(wasm_bits(a)));
}

// exp(x) = 2^n·exp(r) with n = round(x / ln 2) and |r| <= ln(2)/2, by the polynomial of the Cephes library. The relative error is about
// 10⁻⁷. What would be smaller than normal numbers is about 10⁻³⁸.
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket pexp(const tessera::detail::WasmPacket& a) {
  using namespace tessera::detail;
  const WasmPacket x = pmin(pmax(pset1<WasmPacket>(-87.0F), a), pset1<WasmPacket>(88.72283F));
  const WasmPacket n = wasm_packet(wasm_f32x4_nearest(wasm_bits(x * 1.44269504F)));
  // ln 2 in two parts: n times the first one is exact.
  const WasmPacket r = pmadd(n, pset1<WasmPacket>(2.12194440e-4F), pmadd(n, pset1<WasmPacket>(-0.693359375F), x));
  constexpr float terms[] = {1.9875691500e-4F, 1.3981999507e-3F, 8.3334519073e-3F, 4.1665795894e-2F, 1.6666665459e-1F, 5.0000001201e-1F};
  WasmPacket sum = pset1<WasmPacket>(terms[0]);
  for (int i = 1; i < 6; ++i) sum = pmadd(sum, r, pset1<WasmPacket>(terms[i]));
  const WasmPacket power = pmadd(sum, r * r, r + 1.0F);
  // n may be 128, which has no power of two: twice the half of it.
  const v128_t whole = wasm_i32x4_trunc_sat_f32x4(wasm_bits(n)), half = wasm_i32x4_shr(whole, 1);
  const WasmPacket result = power * power_of_two(half) * power_of_two(wasm_i32x4_sub(whole, half));
  return pmax(a, result);  // exp(x) > x; infinity and what is no number stay as they are
}

// tanh(x) = 1 - 2 / (exp(2x) + 1), with an absolute error of about 10⁻⁷.
template <>
EIGEN_ALWAYS_INLINE tessera::detail::WasmPacket ptanh(const tessera::detail::WasmPacket& a) {
  return 1.0F - 2.0F / (pexp<tessera::detail::WasmPacket>(a + a) + 1.0F);
}

template <>
EIGEN_ALWAYS_INLINE float predux(const tessera::detail::WasmPacket& a) {
  return (a[0] + a[2]) + (a[1] + a[3]);
}
template <>
EIGEN_ALWAYS_INLINE float predux_max(const tessera::detail::WasmPacket& a) {
  return (std::max)((std::max)(a[0], a[2]), (std::max)(a[1], a[3]));
}

EIGEN_ALWAYS_INLINE void ptranspose(PacketBlock<tessera::detail::WasmPacket, 4>& square) {
  auto& p = square.packet;
  const auto low = __builtin_shufflevector(p[0], p[1], 0, 4, 1, 5), low2 = __builtin_shufflevector(p[2], p[3], 0, 4, 1, 5);
  const auto high = __builtin_shufflevector(p[0], p[1], 2, 6, 3, 7), high2 = __builtin_shufflevector(p[2], p[3], 2, 6, 3, 7);
  p[0] = __builtin_shufflevector(low, low2, 0, 1, 4, 5);
  p[1] = __builtin_shufflevector(low, low2, 2, 3, 6, 7);
  p[2] = __builtin_shufflevector(high, high2, 0, 1, 4, 5);
  p[3] = __builtin_shufflevector(high, high2, 2, 3, 6, 7);
}

}  // namespace Eigen::internal

#endif
