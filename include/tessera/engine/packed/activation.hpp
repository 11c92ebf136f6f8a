// SPDX-License-Identifier: MIT
#pragma once

// Which packet function computes which activation layer.

#include "tessera/kernels/activations.hpp"
#include "tessera/layers/activation.hpp"

namespace tessera::detail {

template <class Layer>
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
template <class Layer>
using ActivationKernel = typename ActivationKernelOf<Layer>::type;

// A packet function as a value.
template <Isa I, class Kernel>
constexpr Activation activation_of() {
  if constexpr (std::same_as<Kernel, NoActivation>) {
    return {};
  } else if constexpr (std::same_as<Kernel, ReluKernel>) {
    return {.relu = true};
  } else {
    return {.function = activate<I, Kernel>};
  }
}

}  // namespace tessera::detail
