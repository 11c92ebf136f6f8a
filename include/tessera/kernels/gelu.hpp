// SPDX-License-Identifier: MIT
#pragma once

// Activations on SIMD packets, the same functions as in layers/activation.hpp.

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

struct GeluKernel {
  template <class P>
  static P apply(const P& x) {
    using namespace Eigen::internal;
    const P half = pmul(x, pset1<P>(0.5F));
    return pmadd(half, perf(pmul(x, pset1<P>(0.70710678118654752F))), half);
  }
};

struct GeluTanhKernel {
  template <class P>
  static P apply(const P& x) {
    using namespace Eigen::internal;
    const P half = pmul(x, pset1<P>(0.5F));
    const P cubic = pmadd(pmul(pmul(x, x), x), pset1<P>(0.044715F), x);
    return pmadd(half, ptanh(pmul(cubic, pset1<P>(0.79788456080286536F))), half);
  }
};

struct ReluKernel {
  template <class P>
  static P apply(const P& x) {
    return Eigen::internal::pmax(x, Eigen::internal::pset1<P>(0.0F));
  }
};

struct SiluKernel {
  template <class P>
  static P apply(const P& x) {
    using namespace Eigen::internal;
    return pdiv(x, padd(pexp(pnegate(x)), pset1<P>(1.0F)));
  }
};

}  // namespace tessera::detail
