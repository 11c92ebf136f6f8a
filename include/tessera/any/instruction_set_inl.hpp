// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/any/instruction_set.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string_view name_of(InstructionSet set) {
  return set == InstructionSet::avx512 ? "avx512" : set == InstructionSet::avx2 ? "avx2" : "baseline";
}

TESSERA_COLD_INLINE bool available(InstructionSet set) {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  if (set == InstructionSet::avx512) return __builtin_cpu_supports("x86-64-v4");
  if (set == InstructionSet::avx2) return __builtin_cpu_supports("x86-64-v3");
#endif
  return set == InstructionSet::baseline;
}

}  // namespace tessera
