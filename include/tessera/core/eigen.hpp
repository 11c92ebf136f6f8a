// SPDX-License-Identifier: MIT
#pragma once

// Eigen/Core as the library uses it, and what it gives to views: x.matrix(), an Eigen map of extents positions × channels that shares the
// view's memory. Nothing else includes Eigen/Core, because g++ warns about uninitialised variables in its own AVX-512 intrinsics wherever
// Eigen's functions are used, unless it first sees them from here.

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Core>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include "tessera/core/tensor.hpp"

namespace tessera::detail {

template <Shape S, class Scalar>
auto BasicView<S, Scalar>::matrix() const {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  using Map = Eigen::Map<std::conditional_t<std::is_const_v<Scalar>, const Matrix, Matrix>>;
  return Map(data_, static_cast<Eigen::Index>(shape().positions()), Eigen::Index{shape().channels});
}

}  // namespace tessera::detail
