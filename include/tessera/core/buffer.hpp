// SPDX-License-Identifier: MIT
#pragma once

// Heap memory for floats that knows its size, starts at a multiple of 64 bytes whatever the compiler flags, and is moved, not copied.
// Large buffers, and those of a BufferPool, lie in huge pages where the system has them.

#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "tessera/core/buffer_pool.hpp"

namespace tessera {

class Buffer {
 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size) : data_(size == 0 ? nullptr : allocate(bytes_for(size))), size_(size) {
    std::uninitialized_fill_n(data(), size, 0.0F);
  }
  Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  float* data() { return static_cast<float*>(data_.get()); }
  const float* data() const { return static_cast<const float*>(data_.get()); }
  std::size_t size() const { return size_; }
  std::span<float> span() { return {data(), size_}; }
  std::span<const float> span() const { return {data(), size_}; }

 private:
  // Checked, as new[] does it: no object is larger than a std::ptrdiff_t can say.
  static std::size_t bytes_for(std::size_t size) {
    if (size > std::size_t{std::numeric_limits<std::ptrdiff_t>::max()} / sizeof(float)) throw std::bad_array_new_length();
    return size * sizeof(float);
  }
  static std::shared_ptr<void> allocate(std::size_t bytes) {
    if (BufferPool* const pool = BufferPool::here()) return pool->take(bytes, alignment);
    if (bytes >= detail::huge_page) return detail::allocate_huge_pages(detail::whole_huge_pages(bytes));
    return {::operator new(bytes, std::align_val_t{alignment}), [](void* p) { ::operator delete(p, std::align_val_t{alignment}); }};
  }

  std::shared_ptr<void> data_;
  std::size_t size_ = 0;
};

}  // namespace tessera
