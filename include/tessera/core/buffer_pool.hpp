// SPDX-License-Identifier: MIT
#pragma once

// Memory for buffers that live equally long, such as the weights of a model. While a BufferPool exists, the buffers that its thread makes
// are neighbours in blocks of huge pages. Allocated one by one, buffers under 2 MiB, and the ends of larger ones, would get small pages. A
// block is freed with the last of its buffers, which may live longer than the pool. The unused end of a block takes no memory.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "tessera/core/huge_pages.hpp"

namespace tessera {

class BufferPool {
 public:
  BufferPool() : outer_(std::exchange(innermost(), this)) {}
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool() { innermost() = outer_; }

  // The pool of this thread, or null. Address sanitizers know the ends of separate buffers only; for them there is no pool.
  static BufferPool* here() {
#ifdef __SANITIZE_ADDRESS__
    return nullptr;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    return nullptr;
#endif
#endif
    return innermost();
  }

  // `bytes` bytes that begin at a multiple of `alignment`, a power of two. They keep their block alive.
  std::shared_ptr<void> take(std::size_t bytes, std::size_t alignment) {
    std::size_t begin = (used_ + alignment - 1) / alignment * alignment;
    if (block_ == nullptr || begin > size_ || bytes > size_ - begin) {
      const std::size_t size = (std::max)(detail::pool_block, detail::whole_huge_pages(bytes));
      block_ = detail::allocate_huge_pages(size);
      size_ = size;
      begin = 0;
    }
    used_ = begin + bytes;
    return {block_, static_cast<std::byte*>(block_.get()) + begin};
  }

 private:
  static BufferPool*& innermost() {
    thread_local BufferPool* pool = nullptr;
    return pool;
  }

  BufferPool* outer_;
  std::shared_ptr<void> block_;
  std::size_t size_ = 0, used_ = 0;
};

}  // namespace tessera
