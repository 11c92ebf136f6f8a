// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/io/name_index.hpp"

namespace tessera::detail {

// Where the name is or would be: linear probing from FNV-1a's hash.
TESSERA_COLD_INLINE std::size_t NameIndex::slot(std::string_view name) const {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::size_t at = static_cast<std::size_t>(hash ^ (hash >> 32)) & (slots_.size() - 1);
  while (slots_[at] != 0 && names_[slots_[at] - 1] != name) at = (at + 1) & (slots_.size() - 1);
  return at;
}

TESSERA_COLD_INLINE void NameIndex::grow() {
  slots_.assign(slots_.empty() ? 64 : 2 * slots_.size(), 0);
  for (std::size_t i = 0; i < names_.size(); ++i) slots_[slot(names_[i])] = static_cast<std::uint32_t>(i + 1);
}

TESSERA_COLD_INLINE std::size_t NameIndex::find(std::string_view name) const {
  if (slots_.empty()) return none;
  const std::uint32_t number = slots_[slot(name)];
  return number == 0 ? none : number - 1;
}

TESSERA_COLD_INLINE std::size_t NameIndex::add(std::string_view name) {
  if (2 * (names_.size() + 1) > slots_.size()) grow();
  std::uint32_t& number = slots_[slot(name)];
  if (number == 0) {
    names_.push_back(name);
    number = static_cast<std::uint32_t>(names_.size());
  }
  return number - 1;
}

}  // namespace tessera::detail
