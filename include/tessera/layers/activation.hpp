// SPDX-License-Identifier: MIT
#pragma once

// Activations, element by element.
//
//     Gelu       y = ½ x (1 + erf(x/√2))                              Hendrycks & Gimpel 2016, arXiv:1606.08415, eq. 1
//     GeluTanh   y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))         the same, its approximation; flax's default
//     Relu       y = max(x, 0)
//     Silu       y = x / (1 + exp(-x))                                "swish"; Ramachandran et al. 2017, arXiv:1710.05941

#include "tessera/layers/layer.hpp"

namespace tessera {

namespace detail {

// A layer that applies F to every element.
template <class F>
struct Elementwise {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }
    void forward(View<input> x, MutableView<output> y, Scratch&) const { y.tensor() = F::apply(x.tensor()); }
  };
};

}  // namespace detail

struct Gelu : detail::Elementwise<Gelu> {
  static auto apply(const auto& x) { return x * 0.5F * ((x * 0.70710678118654752F).erf() + 1.0F); }
};

struct GeluTanh : detail::Elementwise<GeluTanh> {
  static auto apply(const auto& x) { return x * 0.5F * (((x + x * x * x * 0.044715F) * 0.79788456080286536F).tanh() + 1.0F); }
};

struct Relu : detail::Elementwise<Relu> {
  static auto apply(const auto& x) { return x.cwiseMax(0.0F); }
};

struct Silu : detail::Elementwise<Silu> {
  static auto apply(const auto& x) { return x / ((-x).exp() + 1.0F); }
};

}  // namespace tessera
