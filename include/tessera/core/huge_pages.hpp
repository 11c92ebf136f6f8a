// SPDX-License-Identifier: MIT
#pragma once

// Huge pages, where the system offers them for the asking (Linux with transparent_hugepage=madvise; with =always it needs no asking):
// weights that are read once for every image miss the translation buffer less often.

#include <cstddef>
#include <memory>
#include <new>

#include "tessera/core/compiled.hpp"

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace tessera::detail {

inline constexpr std::size_t huge_page = std::size_t{1} << 21;

constexpr std::size_t whole_huge_pages(std::size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

// `bytes` are those of whole huge pages. Not initialised.
inline std::shared_ptr<void> allocate_huge_pages(std::size_t bytes) {
  constexpr std::align_val_t alignment{huge_page};
  const std::shared_ptr<void> memory(::operator new(bytes, alignment), [](void* p) { ::operator delete(p, alignment); });
#ifdef MADV_HUGEPAGE
  // Advice: a refusal changes nothing.
  ::madvise(memory.get(), bytes, MADV_HUGEPAGE);
#endif
  return memory;
}

}  // namespace tessera::detail
