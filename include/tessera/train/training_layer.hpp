// SPDX-License-Identifier: MIT
#pragma once

// TrainingLayer: a layer as training runs it, forward and backward over a whole batch. It works on the parameters of a layer of
// tessera/layers, which knows nothing of it. With the loss L and dy = ∂L/∂y,
//
//     forward     y = f(x)
//     backward    dx = (∂y/∂x)ᵀ · dy, and the gradient of each parameter θ becomes g(θ) + (∂y/∂θ)ᵀ · dy
//
// x and y have images × in.size() and images × out.size() floats, channels last, image after image.

#include <memory>
#include <vector>

#include "tessera/core/shape.hpp"
#include "tessera/train/training_pass.hpp"

namespace tessera::detail {

class TrainingLayer {
 public:
  TrainingLayer(Shape in, Shape out) : in_(in), out_(out) {}
  TrainingLayer(const TrainingLayer&) = delete;
  TrainingLayer& operator=(const TrainingLayer&) = delete;
  virtual ~TrainingLayer() = default;

  virtual void forward(TrainingPass& pass, const float* x, float* y) = 0;
  // After forward, with the same x. dx is null where nobody wants it.
  virtual void backward(TrainingPass& pass, const float* x, const float* dy, float* dx) = 0;

  // Whether forward is so cheap, and without side effects, that it is run again for the backward pass and its result is not kept.
  virtual bool runs_again() const { return false; }
  // Floats that a worker needs.
  virtual std::size_t scratch_floats() const { return 0; }

  Shape in() const { return in_; }
  Shape out() const { return out_; }
  std::ptrdiff_t in_size() const { return static_cast<std::ptrdiff_t>(in_.size()); }
  std::ptrdiff_t out_size() const { return static_cast<std::ptrdiff_t>(out_.size()); }
  std::ptrdiff_t positions() const { return static_cast<std::ptrdiff_t>(in_.positions()); }
  std::ptrdiff_t channels() const { return in_.channels; }

 private:
  Shape in_, out_;
};

// The values of a parameter and their gradient. No values where the layer has no such parameter.
struct Trained {
  float* values = nullptr;
  float* gradient = nullptr;
  std::ptrdiff_t size = 0;
};

// to[i] += from[i].
inline void add_to(float* to, const float* from, std::ptrdiff_t n) {
  for (std::ptrdiff_t i = 0; i < n; ++i) to[i] += from[i];
}

}  // namespace tessera::detail
