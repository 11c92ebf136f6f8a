// SPDX-License-Identifier: MIT
#pragma once

// Heap memory for floats that knows its size, starts at a multiple of 64 bytes whatever the compiler flags, and is moved, not copied.
// Large buffers lie in huge pages where the system has them.

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

#include "tessera/core/huge_pages.hpp"

namespace tessera {

class Buffer {
 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size) : data_(size == 0 ? nullptr : allocate(size), Free{alignment_of(size)}), size_(size) {
    std::uninitialized_fill_n(data_.get(), size, 0.0F);
  }
  Buffer(Buffer&& other) noexcept : data_(std::move(other.data_)), size_(std::exchange(other.size_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    data_ = std::move(other.data_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  std::span<float> span() { return {data(), size_}; }
  std::span<const float> span() const { return {data(), size_}; }

 private:
  static constexpr std::align_val_t alignment_of(std::size_t size) {
    return std::align_val_t{size * sizeof(float) < detail::huge_page ? alignment : detail::huge_page};
  }
  static float* allocate(std::size_t size) {
    const std::size_t bytes = size * sizeof(float);
    void* const memory = ::operator new(bytes, alignment_of(size));
    if (bytes >= detail::huge_page) detail::ask_for_huge_pages(memory, bytes);
    return static_cast<float*>(memory);
  }

  struct Free {
    std::align_val_t aligned;
    void operator()(float* p) const { ::operator delete(p, aligned); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace tessera
