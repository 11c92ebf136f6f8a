// SPDX-License-Identifier: MIT
#pragma once

// Int8Dot<I>: the products of bytes that an instruction set has (kernels/int8/dot_portable.hpp says what they are).

#include "tessera/kernels/int8/dot_avx2.hpp"
#include "tessera/kernels/int8/dot_avx512.hpp"
#include "tessera/kernels/int8/dot_neon.hpp"
#include "tessera/kernels/int8/dot_portable.hpp"
#include "tessera/kernels/int8/dot_sse.hpp"

namespace tessera::detail {

#if defined(EIGEN_VECTORIZE_AVX512)
#if defined(__AVX512BW__)
template <Isa I>
using Int8Dot = DotAvx512<I>;
#else
template <Isa I>
using Int8Dot = DotPortable<I>;
#endif
#elif defined(EIGEN_VECTORIZE_AVX2)
template <Isa I>
using Int8Dot = DotAvx2<I>;
#elif defined(EIGEN_VECTORIZE_SSE) && !defined(EIGEN_VECTORIZE_AVX)
template <Isa I>
using Int8Dot = DotSse<I>;
#elif defined(EIGEN_VECTORIZE_NEON) && defined(__ARM_FEATURE_DOTPROD)
template <Isa I>
using Int8Dot = DotNeon<I>;
#else
template <Isa I>
using Int8Dot = DotPortable<I>;
#endif

}  // namespace tessera::detail
