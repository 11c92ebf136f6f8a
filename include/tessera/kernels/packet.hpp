// SPDX-License-Identifier: MIT
#pragma once

// SIMD registers through Eigen's packet primitives: one source for SSE, AVX2, AVX-512, NEON, WebAssembly and plain floats.
//
// Everything whose machine code or memory layout depends on the instruction set takes it as a template argument (kernels/isa.hpp).

#include "tessera/kernels/isa.hpp"
#include "tessera/kernels/wasm_packet.hpp"

namespace tessera::detail {

template <Isa I>
struct PacketOf {
#ifdef __wasm_simd128__
  using type = WasmPacket;
#else
  using type = Eigen::internal::packet_traits<float>::type;
#endif
  static_assert(I == native_isa, "Packet: the instruction set must be the one of this translation unit");
};
template <Isa I>
using Packet = typename PacketOf<I>::type;

// As many packets as a packet has lanes, which Eigen's ptranspose turns.
template <Isa I>
struct PacketSquareOf {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // a SIMD type as a template argument
  using type = Eigen::internal::PacketBlock<Packet<I>, lanes_of<I>>;
#pragma GCC diagnostic pop
};
template <Isa I>
using PacketSquare = typename PacketSquareOf<I>::type;

// SIMD registers of an instruction set.
template <Isa I>
inline constexpr int registers = lanes_of<I> == 16 ? 32 : 16;

// The register tile of the product kernel: rows × (packets · lanes) sums stay in registers, next to `packets` loaded operands and one
// broadcast one. `steps` is how many k are unrolled. 7 divides the token counts of 224×224 images (49, 196, 784, 3136).
template <Isa I>
struct RegisterTile {
  static constexpr int rows = lanes_of<I> == 16 ? 7 : lanes_of<I> == 1 ? 4 : 6;
  static constexpr int packets = lanes_of<I> == 16 ? 4 : 2;
  static constexpr int steps = lanes_of<I> == 16 ? 2 : 4;
};

// Columns of a panel of the right operand: those of a register tile.
template <Isa I>
inline constexpr int panel_width = RegisterTile<I>::packets * lanes_of<I>;

// The same packet, of which compilers do not know where it comes from: they would read it from memory again where it is used.
template <class P>
EIGEN_ALWAYS_INLINE P in_register(P packet) {
#if EIGEN_ARCH_i386_OR_x86_64
  asm("" : "+v"(packet));
#elif EIGEN_ARCH_ARM64
  asm("" : "+w"(packet));
#endif
  return packet;
}
// The same address or number, of which compilers know nothing: what they would compute of it early, or keep in registers that others
// need, they compute where it is used.
template <class Value>
EIGEN_ALWAYS_INLINE Value computed_here(Value value) {
  asm("" : "+r"(value));
  return value;
}
// Keeps compilers from giving up the packet's register before this place.
template <class P>
EIGEN_ALWAYS_INLINE void needed_until_here(const P& packet) {
#if EIGEN_ARCH_i386_OR_x86_64
  asm volatile("" ::"v"(packet));
#elif EIGEN_ARCH_ARM64
  asm volatile("" ::"w"(packet));
#else
  static_cast<void>(packet);
#endif
}
// Keeps clang from beginning with the next row of a tile before these sums of one row are made: it would want registers for both. g++ does
// not, and would move sums through memory.
template <class P, std::size_t Packets>
EIGEN_ALWAYS_INLINE void row_by_row(P (&sum)[Packets]) {
#if defined(__clang__) && EIGEN_ARCH_i386_OR_x86_64
#pragma GCC unroll 16
  for (std::size_t p = 0; p < Packets; ++p) asm volatile("" : "+v"(sum[p])::"memory");
#else
  static_cast<void>(sum);
#endif
}

// Half as wide a packet: its lane i is the sum of the lanes i and i + half of the whole one.
#ifdef EIGEN_VECTORIZE_AVX512
EIGEN_ALWAYS_INLINE Eigen::internal::Packet8f half_sum(const Eigen::internal::Packet16f& packet) {
  const __m256 upper = _mm256_castpd_ps(_mm512_extractf64x4_pd(_mm512_castps_pd(packet), 1));
  return _mm256_add_ps(_mm512_castps512_ps256(packet), upper);
}
#endif
#ifdef EIGEN_VECTORIZE_AVX
EIGEN_ALWAYS_INLINE Eigen::internal::Packet4f half_sum(const Eigen::internal::Packet8f& packet) {
  return _mm_add_ps(_mm256_castps256_ps128(packet), _mm256_extractf128_ps(packet, 1));
}
#endif

}  // namespace tessera::detail
