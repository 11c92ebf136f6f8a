// SPDX-License-Identifier: MIT
#pragma once

// SIMD registers through Eigen's packet primitives: one source for SSE, AVX2, AVX-512, NEON and plain floats.
//
// Everything whose machine code or memory layout depends on the register width takes the number of lanes as a template argument.
// So translation units built for registers of different width (SSE, AVX, AVX-512) have different types, and linking them together is
// safe. Where registers are equally wide, as with AVX and AVX2, types are the same: build such units with the same flags.
// What Eigen itself allocates is outside this (docs/architecture.md).

#include "tessera/core/eigen.hpp"

namespace tessera {

// Floats in one SIMD register of the instruction set that this translation unit is compiled for, on which it depends: not inline.
constexpr int native_lanes = Eigen::internal::packet_traits<float>::size;

// Whether this translation unit is compiled for cores with AMX, which are those of Intel's servers (Xeon, 4th generation and later): with
// registers of the same width, other things are fast there than elsewhere. Not inline either.
#ifdef __AMX_TILE__
constexpr bool has_amx = true;
#else
constexpr bool has_amx = false;
#endif

namespace detail {

template <int Lanes>
struct PacketOf {
  using type = Eigen::internal::packet_traits<float>::type;
  static_assert(Lanes == native_lanes, "Packet: the lane count must be the one of this translation unit");
};
template <int Lanes>
using Packet = typename PacketOf<Lanes>::type;

// As many packets as a packet has lanes, which Eigen's ptranspose turns.
template <int Lanes>
struct PacketSquareOf {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"  // a SIMD type as a template argument
  using type = Eigen::internal::PacketBlock<Packet<Lanes>, Lanes>;
#pragma GCC diagnostic pop
};
template <int Lanes>
using PacketSquare = typename PacketSquareOf<Lanes>::type;

// SIMD registers of an instruction set.
template <int Lanes>
inline constexpr int registers = Lanes == 16 ? 32 : 16;

// Register tile of the product kernel: Rows × (Packets · Lanes) sums stay in registers, next to Packets loaded operands and one
// broadcast one. 7 divides the token counts of 224×224 images (49, 196, 784, 3136). So many steps of the inner dimension are unrolled.
template <int Lanes>
struct RegisterTile {  // 16 registers: AVX2, SSE
  static constexpr int rows = 6, packets = 2, steps = 4;
};
template <>
struct RegisterTile<16> {  // 32 registers
  static constexpr int rows = 7, packets = 4, steps = 2;
};
template <>
struct RegisterTile<1> {
  static constexpr int rows = 4, packets = 2, steps = 4;
};

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
template <class P, int Packets>
EIGEN_ALWAYS_INLINE void row_by_row(P (&sum)[Packets]) {
#if defined(__clang__) && EIGEN_ARCH_i386_OR_x86_64
#pragma GCC unroll 16
  for (int p = 0; p < Packets; ++p) asm volatile("" : "+v"(sum[p])::"memory");
#else
  static_cast<void>(sum);
#endif
}

template <int Lanes>
inline constexpr int panel_width = RegisterTile<Lanes>::packets * Lanes;

}  // namespace detail
}  // namespace tessera
