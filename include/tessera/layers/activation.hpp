// SPDX-License-Identifier: MIT
#pragma once

// Activations, element by element.
//
//     Gelu       y = ½ x (1 + erf(x/√2))                              Hendrycks & Gimpel 2016, arXiv:1606.08415, eq. 1
//     GeluTanh   y = ½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))         the same, its approximation; flax's default
//     Relu       y = max(x, 0)
//     Silu       y = x / (1 + exp(-x))                                "swish"; Ramachandran et al. 2017, arXiv:1710.05941

#include <cmath>

#include "tessera/layers/layer.hpp"
#include "tessera/layers/reference.hpp"

namespace tessera {

namespace detail {

// A layer that applies F::apply to every element.
template <class F>
struct Elementwise {
  template <Shape In>
  class At {
   public:
    static constexpr Shape input = In, output = In;
    static constexpr Shape output_shape(Shape in) { return in; }
    void forward(View<input> x, MutableView<output> y, Scratch&) const { reference_map(F::apply, x, y); }
  };
};

}  // namespace detail

struct Gelu : detail::Elementwise<Gelu> {
  static float apply(float x) { return 0.5F * x * (1.0F + std::erf(x * 0.70710678118654752F)); }
};

struct GeluTanh : detail::Elementwise<GeluTanh> {
  static float apply(float x) { return 0.5F * x * (1.0F + std::tanh(0.79788456080286536F * (x + 0.044715F * x * x * x))); }
};

struct Relu : detail::Elementwise<Relu> {
  static float apply(float x) { return x < 0.0F ? 0.0F : x; }
};

struct Silu : detail::Elementwise<Silu> {
  static float apply(float x) { return x / (1.0F + std::exp(-x)); }
};

}  // namespace tessera
