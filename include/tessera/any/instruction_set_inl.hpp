// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/any/instruction_set.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string_view name_of(InstructionSet set) {
  constexpr std::string_view names[] = {"baseline", "avx2", "avx512", "avxvnni", "avx512vnni"};
  return names[static_cast<std::size_t>(set)];
}

TESSERA_COLD_INLINE bool available(InstructionSet set) {
#if defined(__x86_64__) && defined(__GNUC__)
  __builtin_cpu_init();
  if (set == InstructionSet::avxvnni) return __builtin_cpu_supports("x86-64-v3") && __builtin_cpu_supports("avxvnni");
  if (set == InstructionSet::avx512vnni) return __builtin_cpu_supports("x86-64-v4") && __builtin_cpu_supports("avx512vnni");
  if (set == InstructionSet::avx512) return __builtin_cpu_supports("x86-64-v4");
  if (set == InstructionSet::avx2) return __builtin_cpu_supports("x86-64-v3");
#endif
  return set == InstructionSet::baseline;
}

}  // namespace tessera
