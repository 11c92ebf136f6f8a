// SPDX-License-Identifier: MIT
#pragma once

// Isa: the instruction set that a translation unit is compiled for. It is a template argument of everything whose machine code or memory
// layout depends on it.
//
// The units of one program may be compiled with different flags, for example one with -march=x86-64 and one with -march=haswell. If both
// defined a function of the same name, the linker would keep one of the two bodies, perhaps the one that not every processor can run.
// With the instruction set in the type, the names differ as soon as the flags do. What Eigen itself defines is outside this rule
// (docs/architecture.md).

#include <cstdint>

#include "tessera/core/eigen.hpp"

namespace tessera {

// The lowest byte is the number of floats in a SIMD register. Every bit above it stands for one feature that compilers may use.
enum class Isa : std::uint64_t {};

namespace detail {

// A name that is no macro stays as it is, and begins with an underscore.
#define TESSERA_TEXT(name) #name
#define TESSERA_DEFINED(name) (TESSERA_TEXT(name)[0] != '_')

// What follows depends on the flags of the translation unit. It must not be inline: each unit has its own.
constexpr bool unit_features[] = {
    TESSERA_DEFINED(__AMX_TILE__),
    TESSERA_DEFINED(__SSE3__),
    TESSERA_DEFINED(__SSSE3__),
    TESSERA_DEFINED(__SSE4_1__),
    TESSERA_DEFINED(__SSE4_2__),
    TESSERA_DEFINED(__POPCNT__),
    TESSERA_DEFINED(__AVX__),
    TESSERA_DEFINED(__AVX2__),
    TESSERA_DEFINED(__FMA__),
    TESSERA_DEFINED(__F16C__),
    TESSERA_DEFINED(__BMI__),
    TESSERA_DEFINED(__BMI2__),
    TESSERA_DEFINED(__LZCNT__),
    TESSERA_DEFINED(__MOVBE__),
    TESSERA_DEFINED(__AVX512F__),
    TESSERA_DEFINED(__AVX512CD__),
    TESSERA_DEFINED(__AVX512DQ__),
    TESSERA_DEFINED(__AVX512BW__),
    TESSERA_DEFINED(__AVX512VL__),
    TESSERA_DEFINED(__AVX512IFMA__),
    TESSERA_DEFINED(__AVX512VBMI__),
    TESSERA_DEFINED(__AVX512VBMI2__),
    TESSERA_DEFINED(__AVX512VNNI__),
    TESSERA_DEFINED(__AVX512BITALG__),
    TESSERA_DEFINED(__AVX512VPOPCNTDQ__),
    TESSERA_DEFINED(__AVX512BF16__),
    TESSERA_DEFINED(__AVX512FP16__),
    TESSERA_DEFINED(__AVXVNNI__),
    TESSERA_DEFINED(__ARM_NEON),
    TESSERA_DEFINED(__ARM_FEATURE_FMA),
    TESSERA_DEFINED(__ARM_FEATURE_DOTPROD),
    TESSERA_DEFINED(__ARM_FEATURE_SVE),
    TESSERA_DEFINED(__wasm_simd128__),
    TESSERA_DEFINED(__wasm_relaxed_simd__),
    TESSERA_DEFINED(__FAST_MATH__),
};

#undef TESSERA_DEFINED
#undef TESSERA_TEXT

#ifdef __wasm_simd128__
constexpr std::uint64_t unit_lanes = 4;  // kernels/wasm_packet.hpp
#else
constexpr std::uint64_t unit_lanes = Eigen::internal::packet_traits<float>::size;
#endif

constexpr Isa isa_of_unit() {
  std::uint64_t bits = unit_lanes;
  for (std::uint64_t feature = 0; const bool has : unit_features) bits |= std::uint64_t{has} << (8 + feature++);
  return static_cast<Isa>(bits);
}

}  // namespace detail

// The instruction set of this translation unit, and the number of floats in one of its SIMD registers.
constexpr Isa native_isa = detail::isa_of_unit();
constexpr int native_lanes = static_cast<int>(static_cast<std::uint64_t>(native_isa) & 0xFF);

// Floats in a SIMD register of an instruction set.
template <Isa I>
inline constexpr int lanes_of = static_cast<int>(static_cast<std::uint64_t>(I) & 0xFF);

// Whether it belongs to cores with AMX, which are those of Intel's servers (Xeon, 4th generation and later): with registers of the same
// width, other things are fast there than elsewhere.
template <Isa I>
inline constexpr bool has_amx = (static_cast<std::uint64_t>(I) >> 8 & 1) != 0;

}  // namespace tessera
