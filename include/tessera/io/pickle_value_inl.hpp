// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/io/pickle_value.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE std::string_view name_of(PickleKind kind) {
  constexpr std::string_view names[] = {
      "None", "a bool", "an integer", "a text", "a tuple", "a list", "a dict", "a class or function", "a storage", "a tensor", "an object"};
  return names[static_cast<std::size_t>(kind)];
}

TESSERA_COLD_INLINE int find_pickle_global(std::string_view module, std::string_view name) {
  int place = 0;
  for (const PickleGlobal& known : pickle_globals) {
    if (known.module == module && known.name == name) return place;
    ++place;
  }
  return -1;
}

}  // namespace tessera::detail
