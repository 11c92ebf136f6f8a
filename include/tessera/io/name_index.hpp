// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera::detail {

// Numbers names 0, 1, 2, ... as they come, and finds the number of a name: a small hash table. The texts must outlive it.
class NameIndex {
 public:
  static constexpr std::size_t none = ~std::size_t{0};

  // The number of the name, or `none`.
  std::size_t find(std::string_view name) const;
  // The number of the name, which is the old size() if the name is new.
  std::size_t add(std::string_view name);
  bool has(std::string_view name) const { return find(name) != none; }
  std::size_t size() const { return names_.size(); }

 private:
  std::size_t slot(std::string_view name) const;
  void grow();

  std::vector<std::string_view> names_;
  std::vector<std::uint32_t> slots_;  // number + 1 of a name; a power of two of them, at most half of them used
};

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/name_index_inl.hpp"
#endif
