// SPDX-License-Identifier: MIT
#pragma once

// Eigen as the library uses it: arrays and packets, tensors, special functions. Nothing else includes these headers, because g++ warns
// about uninitialised variables in its own AVX-512 intrinsics wherever Eigen's functions are used, unless it first sees them from here.

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <Eigen/Core>
#include <unsupported/Eigen/SpecialFunctions>
// Tensors must be seen last.
#include <unsupported/Eigen/CXX11/Tensor>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
