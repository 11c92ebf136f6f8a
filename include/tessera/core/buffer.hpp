// SPDX-License-Identifier: MIT
#pragma once

// Heap memory for floats that knows its size and starts at a multiple of 64 bytes, whatever the compiler flags. Large buffers, and those of
// a BufferPool, lie in huge pages where the system has them.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "tessera/core/buffer_pool.hpp"
#include "tessera/core/error.hpp"

namespace tessera {

class Buffer {
 public:
  static constexpr std::size_t alignment = 64;  // bytes
  // The most floats that a buffer can have: no object is larger than a std::ptrdiff_t can say.
  static constexpr std::size_t max_size = std::size_t{PTRDIFF_MAX} / sizeof(float);

  Buffer() = default;
  // `size` zeros. Throws Error if size is larger than max_size, std::bad_alloc if the memory cannot be had.
  explicit Buffer(std::size_t size) : data_(size == 0 ? nullptr : allocate(bytes_for(size))), size_(size) {
    std::fill_n(data(), size, 0.0F);
  }
  // Without contents: whoever asks for it writes before reading.
  static Buffer unfilled(std::size_t size) {
    Buffer buffer;
    if (size != 0) buffer.data_ = allocate(bytes_for(size));
    buffer.size_ = size;
    return buffer;
  }
  // Copies have memory of their own. A buffer that was moved from is empty.
  Buffer(const Buffer& other) : data_(other.size_ == 0 ? nullptr : allocate(bytes_for(other.size_))), size_(other.size_) {
    std::copy_n(other.data(), size_, data());
  }
  Buffer& operator=(const Buffer& other) { return *this = Buffer(other); }
  Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  // Null where size() is 0.
  float* data() { return static_cast<float*>(data_.get()); }
  const float* data() const { return static_cast<const float*>(data_.get()); }
  std::size_t size() const { return size_; }  // floats
  // All values.
  std::span<float> span() { return {data(), size_}; }
  std::span<const float> span() const { return {data(), size_}; }

 private:
  static std::size_t bytes_for(std::size_t size) {
    if (size > max_size) detail::fail("Buffer: found ", size, " floats, expected at most ", max_size);
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
