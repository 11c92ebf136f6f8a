// SPDX-License-Identifier: MIT
#pragma once

// Huge pages, where the system offers them for the asking (Linux with transparent_hugepage=madvise; with =always it needs no asking):
// weights that are read once for every image miss the translation buffer less often.

#include <cstddef>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace tessera::detail {

inline constexpr std::size_t huge_page = std::size_t{1} << 21;

// For memory that starts at a multiple of huge_page. What is behind the last whole one keeps small pages, so no memory is wasted.
inline void ask_for_huge_pages([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  // Advice: a refusal changes nothing.
  ::madvise(memory, bytes / huge_page * huge_page, MADV_HUGEPAGE);
#endif
}

}  // namespace tessera::detail
