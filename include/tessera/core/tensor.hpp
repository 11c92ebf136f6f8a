// SPDX-License-Identifier: MIT
#pragma once

// Tensor<S> owns the numbers of one image, token grid or vector; View<S> and MutableView<S> look at somebody else's.
// Where S has a dynamic side, the actual shape is carried at run time. Both give Eigen maps: H×W×C as a tensor, N×C as a matrix.

#include <cstddef>
#include <limits>
#include <new>
#include <span>
#include <type_traits>

#include "tessera/core/buffer.hpp"
#include "tessera/core/eigen.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/shape.hpp"

namespace tessera {

namespace detail {

// The actual shape behind a declared one: costs nothing where the declared shape is fixed.
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

template <Shape S>
constexpr Shape checked(const char* what, Shape shape) {
  if (!accepts(S, shape)) fail(what, ": found shape ", shape, ", expected ", S);
  return shape;
}

// Numbers in so many tensors of a shape. Throws std::bad_array_new_length where a program cannot have them.
inline std::size_t checked_floats(Shape shape, int count = 1) {
  std::size_t floats = 1;
  for (const int factor : {shape.height, shape.width, shape.channels, count}) {
    const auto n = static_cast<std::size_t>(factor);
    if (n != 0 && floats > std::size_t{std::numeric_limits<std::ptrdiff_t>::max()} / n) throw std::bad_array_new_length();
    floats *= n;
  }
  return floats;
}

// Scalar is float or const float.
template <Shape S, class Scalar>
class BasicView {
 public:
  using EigenTensor = Eigen::TensorMap<Eigen::Tensor<Scalar, 3, Eigen::RowMajor, Eigen::Index>>;
  using Plain = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using EigenMatrix = Eigen::Map<std::conditional_t<std::is_const_v<Scalar>, const Plain, Plain>>;

  constexpr explicit BasicView(Scalar* data)
    requires(S.fixed())
      : data_(data) {}
  // The shape must be one that S accepts.
  constexpr BasicView(Scalar* data, Shape shape) : data_(data), shape_(checked<S>("View", shape)) {}

  constexpr Scalar* data() const { return data_; }
  constexpr Shape shape() const { return shape_.get(); }
  constexpr std::int64_t size() const { return shape().size(); }
  constexpr std::span<Scalar> span() const { return {data_, static_cast<std::size_t>(size())}; }

  // [height, width, channels]
  EigenTensor tensor() const { return EigenTensor(data_, shape().height, shape().width, shape().channels); }
  // [positions, channels]
  EigenMatrix matrix() const { return EigenMatrix(data_, shape().positions(), shape().channels); }

 private:
  Scalar* data_;
  [[no_unique_address]] ActualShape<S> shape_;
};

}  // namespace detail

// Classes of their own: g++ 12 crashes on alias templates whose shape depends on another template.
template <Shape S>
class MutableView : public detail::BasicView<S, float> {
 public:
  using detail::BasicView<S, float>::BasicView;
};
template <Shape S>
class View : public detail::BasicView<S, const float> {
 public:
  using detail::BasicView<S, const float>::BasicView;
  constexpr View(MutableView<S> other) : detail::BasicView<S, const float>(other.data(), other.shape()) {}
};

template <Shape S>
class Tensor {
 public:
  static constexpr Shape declared = S;

  Tensor()
    requires(S.fixed())
      : Tensor(S) {}
  explicit Tensor(Shape shape) : shape_(detail::checked<S>("Tensor", shape)), buffer_(detail::checked_floats(shape)) {}

  Shape shape() const { return shape_.get(); }
  std::size_t size() const { return buffer_.size(); }
  float* data() { return buffer_.data(); }
  const float* data() const { return buffer_.data(); }
  float* begin() { return data(); }
  float* end() { return data() + size(); }
  const float* begin() const { return data(); }
  const float* end() const { return data() + size(); }
  float& operator[](std::size_t i) { return data()[i]; }
  float operator[](std::size_t i) const { return data()[i]; }

  View<S> view() const { return {data(), shape()}; }
  MutableView<S> view() { return {data(), shape()}; }
  operator View<S>() const { return view(); }

  // [height, width, channels], sharing this tensor's memory.
  auto eigen() const { return view().tensor(); }
  auto eigen() { return view().tensor(); }

 private:
  [[no_unique_address]] detail::ActualShape<S> shape_;
  Buffer buffer_;
};

}  // namespace tessera
