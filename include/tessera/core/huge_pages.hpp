// SPDX-License-Identifier: MIT
#pragma once

// Huge pages (2 MiB instead of 4 KiB), where the system gives them to programs that ask: Linux with transparent_hugepage=madvise; with
// =always it gives them unasked. Weights are read once for every image, and with huge pages the processor looks up fewer addresses for it.

#include <cstddef>
#include <memory>
#include <new>

#include "tessera/core/compiled.hpp"

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace tessera::detail {

inline constexpr std::size_t huge_page = std::size_t{1} << 21;

constexpr std::size_t whole_huge_pages(std::size_t bytes) { return (bytes + huge_page - 1) / huge_page * huge_page; }

// What a BufferPool asks for at once. Elsewhere than on Linux, memory that is never touched may count as used.
#ifdef MADV_HUGEPAGE
inline constexpr std::size_t pool_block = 16 * huge_page;
#else
inline constexpr std::size_t pool_block = huge_page;
#endif

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
