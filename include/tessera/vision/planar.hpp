// SPDX-License-Identifier: MIT
#pragma once

// Tensors from floats that lie channel after channel (NCHW), as PyTorch, ONNX and many cameras and decoders have them. Tessera's tensors
// have their channels last.

#include <cstddef>
#include <span>

#include "tessera/core/batch.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/core/tensor.hpp"

namespace tessera {

namespace detail {

// Element (c, y, x) of `planar` becomes element (y, x, c) of `out`, for each of `count` images. Throws Error unless the span has exactly
// the values of that many images.
void interleave(std::span<const float> planar, int count, Shape shape, float* out);

}  // namespace detail

// One image, channels first: value (c·height + y)·width + x is channel c of row y and column x. S is the shape of the tensor, height×width×
// channels. Throws Error unless there are exactly that many values.
template <Shape S>
  requires(S.fixed())
Tensor<S> from_planar(std::span<const float> planar) {
  Tensor<S> out;
  detail::interleave(planar, 1, S, out.data());
  return out;
}

// The same for a network's input.
template <class Net>
Tensor<Net::input> from_planar(std::span<const float> planar) {
  return from_planar<Net::input>(planar);
}

// The same for a shape that is known at run time.
template <Shape S = any_shape>
  requires(!S.fixed())
Tensor<S> from_planar(std::span<const float> planar, Shape shape) {
  Tensor<S> out(shape);
  detail::interleave(planar, 1, shape, out.data());
  return out;
}

// Several images, one after another.
template <class Net>
Batch<Net::input> batch_from_planar(std::span<const float> planar, int count) {
  Batch<Net::input> out(count);
  detail::interleave(planar, count, out.shape(), out.data());
  return out;
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/planar_inl.hpp"
#endif
