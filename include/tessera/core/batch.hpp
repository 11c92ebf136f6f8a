// SPDX-License-Identifier: MIT
#pragma once

// Batch<S>: several tensors of one shape, one behind the other.

#include "tessera/core/tensor.hpp"

namespace tessera {

template <Shape S>
class Batch {
 public:
  explicit Batch(int count)
    requires(S.fixed())
      : Batch(count, S) {}
  Batch(int count, Shape shape)
      : count_(checked(count)), shape_(detail::checked<S>("Batch", shape)), buffer_(detail::checked_floats(shape, count)) {}

  int count() const { return count_; }
  Shape shape() const { return shape_.get(); }
  std::size_t size() const { return buffer_.size(); }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }

  View<S> operator[](int image) const { return {data() + image * shape().size(), shape()}; }
  MutableView<S> operator[](int image) { return {data() + image * shape().size(), shape()}; }

  // [count, height, width, channels], sharing this batch's memory.
  auto eigen() const {
    return Eigen::TensorMap<const Eigen::Tensor<const float, 4, Eigen::RowMajor>>(data(), count_, shape().height, shape().width,
                                                                                  shape().channels);
  }
  auto eigen() {
    return Eigen::TensorMap<Eigen::Tensor<float, 4, Eigen::RowMajor>>(data(), count_, shape().height, shape().width, shape().channels);
  }

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
