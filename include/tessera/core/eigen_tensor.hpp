// SPDX-License-Identifier: MIT
#pragma once

// An adapter for programs that use Eigen's Tensor module (unsupported/): with this header, a View gives x.tensor() of extents height ×
// width × channels, a Tensor the same as x.eigen(), and a Batch x.eigen() of extents count × height × width × channels. All are maps
// that share the memory. The library itself does not need this header.

#include "tessera/core/batch.hpp"
#include "tessera/core/eigen.hpp"

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <unsupported/Eigen/SpecialFunctions>
// Tensors must be seen last.
#include <unsupported/Eigen/CXX11/Tensor>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

namespace tessera {

template <Shape S, class Scalar>
auto detail::BasicView<S, Scalar>::tensor() const {
  return Eigen::TensorMap<Eigen::Tensor<Scalar, 3, Eigen::RowMajor, Eigen::Index>>(data_, shape().height, shape().width, shape().channels);
}

template <Shape S>
auto Tensor<S>::eigen() const {
  return view().tensor();
}
template <Shape S>
auto Tensor<S>::eigen() {
  return view().tensor();
}

template <Shape S>
auto Batch<S>::eigen() const {
  return Eigen::TensorMap<const Eigen::Tensor<const float, 4, Eigen::RowMajor>>(data(), count_, shape().height, shape().width,
                                                                                shape().channels);
}
template <Shape S>
auto Batch<S>::eigen() {
  return Eigen::TensorMap<Eigen::Tensor<float, 4, Eigen::RowMajor>>(data(), count_, shape().height, shape().width, shape().channels);
}

}  // namespace tessera
