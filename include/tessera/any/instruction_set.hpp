// SPDX-License-Identifier: MIT
#pragma once

// The instruction sets for which one program may hold the same networks, and which of them this processor has.

#include <string_view>

#include "tessera/core/compiled.hpp"

namespace tessera {

// baseline: whatever the compiler was told for the whole program. avx2 and avx512: the levels v3 (with FMA) and v4 of x86-64. avxvnni and
// avx512vnni: the same with instructions for products of bytes, which networks with Precision::int8 are compiled for.
enum class InstructionSet { baseline, avx2, avx512, avxvnni, avx512vnni };

// "baseline", "avx2", ...
std::string_view name_of(InstructionSet set);

// Whether the processor that runs the program, and its operating system, have it. True of the baseline, false of the others where the
// processor is no x86-64.
bool available(InstructionSet set);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/any/instruction_set_inl.hpp"
#endif
