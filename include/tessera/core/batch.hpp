// SPDX-License-Identifier: MIT
#pragma once

// Batch<S>: several tensors of one shape, one after another in memory.

#include "tessera/core/tensor.hpp"

namespace tessera {

// Owns count × height × width × channels floats. A value, like Tensor: it is copied, moved and compared.
template <Shape S>
class Batch {
 public:
  // Zeros. Throws Error if count is negative, or if no program can have that many values.
  explicit Batch(int count)
    requires(S.fixed())
      : Batch(count, S) {}
  // The same with a shape that S accepts; another one throws Error.
  Batch(int count, Shape shape)
      : count_(checked(count)), shape_(detail::checked<S>("Batch", shape)), buffer_(detail::checked_floats(shape, count)) {}

  // The number of images.
  int count() const { return count_; }
  // The shape of one image.
  Shape shape() const { return shape_.get(); }
  // The number of values in all images.
  std::size_t size() const { return buffer_.size(); }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }
  // All values, image after image.
  float* begin() { return data(); }
  float* end() { return data() + size(); }
  const float* begin() const { return data(); }
  const float* end() const { return data() + size(); }

  // One image, from 0 to count() - 1. Not checked.
  View<S> operator[](int image) const { return {data() + image * shape().size(), shape()}; }
  MutableView<S> operator[](int image) { return {data() + image * shape().size(), shape()}; }

  // Equal counts, shapes and values. A NaN equals nothing.
  friend bool operator==(const Batch& a, const Batch& b) {
    return a.count() == b.count() && a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

  // [count, height, width, channels] as an Eigen tensor that shares the memory: with core/eigen_tensor.hpp.
  auto eigen() const;
  auto eigen();

 private:
  static int checked(int count) {
    if (count < 0) detail::fail("Batch: found ", count, " images, expected 0 or more");
    return count;
  }

  int count_;
  [[no_unique_address]] detail::ActualShape<S> shape_;
  Buffer buffer_;
};

}  // namespace tessera
