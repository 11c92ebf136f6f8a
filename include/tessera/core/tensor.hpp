// SPDX-License-Identifier: MIT
#pragma once

// Tensor<S> owns the values of one image, token grid or vector; View<S> and MutableView<S> look at values that somebody else owns. Where S
// has a dynamic side, the actual shape is carried at run time. A Tensor is a value: it is copied, moved and compared like a std::vector.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tessera/core/buffer.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/shape.hpp"

namespace tessera {

template <Shape S>
class Tensor;

namespace detail {

// The actual shape of something declared with shape S. It costs nothing where S is fixed.
template <Shape S, bool = S.fixed()>
class ActualShape {
 public:
  constexpr ActualShape() = default;
  constexpr explicit ActualShape(Shape) {}
  static constexpr Shape get() { return S; }
};
template <Shape S>
class ActualShape<S, false> {
 public:
  constexpr explicit ActualShape(Shape shape) : shape_(shape) {}
  constexpr Shape get() const { return shape_; }

 private:
  Shape shape_;
};

[[noreturn]] inline void fail_shape(const char* what, Shape found, Shape expected) {
  fail(what, ": found shape ", found, ", expected ", expected);
}
// Returns `shape` if a thing declared as S may have it, else throws Error.
template <Shape S>
constexpr Shape checked(const char* what, Shape shape) {
  if (!accepts(S, shape)) fail_shape(what, shape, S);
  return shape;
}

// The number of values in `count` tensors of a shape. Throws Error if that is more than any program can have in memory.
inline std::size_t checked_floats(Shape shape, int count = 1) {
  std::size_t floats = 1;
  for (const int factor : {shape.height, shape.width, shape.channels, count}) {
    const auto n = static_cast<std::size_t>(factor);
    if (n != 0 && floats > Buffer::max_size / n)
      fail("Tensor: found ", count, " × shape ", shape, ", expected at most ", Buffer::max_size, " values");
    floats *= n;
  }
  return floats;
}

// Scalar is float or const float.
template <Shape S, class Scalar>
class BasicView {
 public:
  // Looks at S.size() values from `data` on, channels last: element (y, x, c) is data[(y * width + x) * channels + c].
  constexpr explicit BasicView(Scalar* data)
    requires(S.fixed())
      : data_(data) {}
  // The same with a shape that S accepts; another one throws Error.
  constexpr BasicView(Scalar* data, Shape shape) : data_(data), shape_(checked<S>("View", shape)) {}

  constexpr Scalar* data() const { return data_; }
  constexpr Shape shape() const { return shape_.get(); }
  // The number of values: height * width * channels.
  constexpr std::size_t size() const { return static_cast<std::size_t>(shape().size()); }
  constexpr Scalar* begin() const { return data_; }
  constexpr Scalar* end() const { return data_ + size(); }
  // Not checked.
  constexpr Scalar& operator[](std::size_t i) const { return data_[i]; }
  constexpr std::span<Scalar> span() const { return {data_, size()}; }

  // Eigen maps: [positions, channels] with core/eigen.hpp, [height, width, channels] with core/eigen_tensor.hpp.
  auto matrix() const;
  auto tensor() const;

 private:
  Scalar* data_;
  [[no_unique_address]] ActualShape<S> shape_;
};

}  // namespace detail

// Classes of their own: g++ 12 crashes on alias templates whose shape depends on another template.

// Looks at values and may change them. A MutableView does not keep them alive.
template <Shape S>
class MutableView : public detail::BasicView<S, float> {
 public:
  using detail::BasicView<S, float>::BasicView;
  // All of a tensor.
  constexpr MutableView(Tensor<S>& tensor) : detail::BasicView<S, float>(tensor.data(), tensor.shape()) {}
  // Code that takes any shape takes every view.
  template <Shape T>
    requires(S == any_shape && T != any_shape)
  constexpr MutableView(MutableView<T> other) : detail::BasicView<S, float>(other.data(), other.shape()) {}
};

// Looks at values. A View does not keep them alive.
template <Shape S>
class View : public detail::BasicView<S, const float> {
 public:
  using detail::BasicView<S, const float>::BasicView;
  // All of a tensor, or what another view looks at.
  constexpr View(MutableView<S> other) : detail::BasicView<S, const float>(other.data(), other.shape()) {}
  constexpr View(const Tensor<S>& tensor) : detail::BasicView<S, const float>(tensor.data(), tensor.shape()) {}
  // Code that takes any shape takes every view.
  template <Shape T>
    requires(S == any_shape && T != any_shape)
  constexpr View(View<T> other) : detail::BasicView<S, const float>(other.data(), other.shape()) {}
  template <Shape T>
    requires(S == any_shape && T != any_shape)
  constexpr View(MutableView<T> other) : detail::BasicView<S, const float>(other.data(), other.shape()) {}
};

// Owns height * width * channels floats, channels last. A Tensor that was moved from may only be assigned to or destroyed.
template <Shape S>
class Tensor {
 public:
  // The shape in the type, of which sides may be Dynamic.
  static constexpr Shape declared = S;

  // Zeros.
  Tensor()
    requires(S.fixed())
      : Tensor(S) {}
  // Zeros. Throws Error if S does not accept the shape, or if no program can have that many values.
  explicit Tensor(Shape shape) : shape_(detail::checked<S>("Tensor", shape)), buffer_(detail::checked_floats(shape)) {}
  // A copy of what a view looks at.
  explicit Tensor(View<S> other) : Tensor(other.shape()) { std::copy_n(other.data(), size(), data()); }

  Shape shape() const { return shape_.get(); }
  // The number of values: height * width * channels.
  std::size_t size() const { return buffer_.size(); }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }
  float* begin() { return data(); }
  float* end() { return data() + size(); }
  const float* begin() const { return data(); }
  const float* end() const { return data() + size(); }
  // Not checked.
  float& operator[](std::size_t i) { return data()[i]; }
  float operator[](std::size_t i) const { return data()[i]; }

  // A view of all values.
  View<S> view() const { return *this; }
  MutableView<S> view() { return *this; }

  // Equal shapes and equal values. A NaN equals nothing.
  friend bool operator==(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

  // [height, width, channels] as an Eigen tensor that shares the memory: with core/eigen_tensor.hpp.
  auto eigen() const;
  auto eigen();

 private:
  [[no_unique_address]] detail::ActualShape<S> shape_;
  Buffer buffer_;
};

}  // namespace tessera
