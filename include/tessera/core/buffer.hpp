// SPDX-License-Identifier: MIT
#pragma once

// Heap memory for floats that knows its size, starts at a multiple of 64 bytes whatever the compiler flags, and is moved, not copied.

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace tessera {

class Buffer {
 public:
  static constexpr std::size_t alignment = 64;

  Buffer() = default;
  explicit Buffer(std::size_t size)
      : data_(size == 0 ? nullptr : static_cast<float*>(::operator new(size * sizeof(float), std::align_val_t{alignment}))), size_(size) {
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
  struct Free {
    void operator()(float* p) const { ::operator delete(p, std::align_val_t{alignment}); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace tessera
