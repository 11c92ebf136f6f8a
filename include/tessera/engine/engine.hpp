// SPDX-License-Identifier: MIT
#pragma once

// Engine: what a network is lowered for, a part of the type of every step.
//
//     Model<MixerB16>                                   the fast engine
//     Model<MixerB16, plain_engine>                     sums of products alone: no Winograd, no Strassen
//     Model<MixerB16, Engine{.two_levels = false}>      Strassen's algorithm by one level alone
//
// Winograd's and Strassen's algorithms multiply less and round more, two to four times as much in one layer; results stay within 2e-5 of
// the exact ones for every published network. The plain engine is for those who want the smallest errors.

#include "tessera/kernels/packet.hpp"

namespace tessera {

struct Engine {
  int lanes = native_lanes;  // floats in a SIMD register
  bool plain = false;        // no algorithm that trades accuracy for multiplications
  bool deep = false;         // set for the layers of a stack so deep that their rounding errors come to something
  // Strassen's algorithm for channels is used from so many on, at least 128, and may be used by two levels, which round twice as much as
  // one. On AMD's cores few channels gain, and with AVX-512 two levels; on Intel's both lose.
  int strassen_from = has_amx ? 384 : 128;
  bool two_levels = native_lanes == 16 && !has_amx;

  // Kernels know of registers alone.
  constexpr operator int() const { return lanes; }
};

// Not inline: they depend on the instruction set of the translation unit.
constexpr Engine fast_engine{}, plain_engine{native_lanes, true};

}  // namespace tessera
