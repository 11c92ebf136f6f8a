// SPDX-License-Identifier: MIT
#pragma once

// Which packet function computes which activation layer.

#include "tessera/kernels/gelu.hpp"
#include "tessera/layers/activation.hpp"

namespace tessera::detail {

template <class Activation>
struct ActivationKernelOf;
template <>
struct ActivationKernelOf<Gelu> {
  using type = GeluKernel;
};
template <>
struct ActivationKernelOf<GeluTanh> {
  using type = GeluTanhKernel;
};
template <>
struct ActivationKernelOf<Relu> {
  using type = ReluKernel;
};
template <>
struct ActivationKernelOf<Silu> {
  using type = SiluKernel;
};
template <class Activation>
using ActivationKernel = typename ActivationKernelOf<Activation>::type;

}  // namespace tessera::detail
