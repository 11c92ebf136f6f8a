// SPDX-License-Identifier: MIT
#pragma once

// Flow: where the activations of one image are while a program runs. Steps read x() and either change it in place or write their
// output to next() and advance. Two buffers are enough for any chain of steps.
//
// When an observer is given, the flow also knows the name of the running step (blocks.3) and shows the observer every named output.
// Without one, names cost a comparison each.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/observer.hpp"
#include "tessera/core/shape.hpp"

namespace tessera::detail {

class Flow {
 public:
  // first and second have room for the largest activation each.
  Flow(const float* x, Shape shape, float* first, float* second, Observer* observer)
      : x_(x), shape_(shape), next_(first), other_(second), observer_(observer) {}

  const float* x() const { return x_; }
  Shape shape() const { return shape_; }

  // x for a step that overwrites it.
  float* in_place() {
    if (!own_) {
      std::copy_n(x_, shape_.size(), next_);
      advance(shape_);
    }
    return other_;
  }

  // Room for the output of a step, and its taking the place of x.
  float* next() const { return next_; }
  void advance(Shape shape) {
    x_ = next_;
    shape_ = shape;
    own_ = true;
    std::swap(next_, other_);
  }

  bool observed() const { return observer_ != nullptr; }

  // Runs a step under a name, then shows its output. An empty label runs it under the name of its surroundings.
  template <class Run>
  void run_as(std::string_view label, const Run& run) {
    if (!observed() || label.empty()) return run();
    const std::size_t outer = path_.size();
    if (outer != 0) path_ += '.';
    path_ += label;
    run();
    observer_->see(path_, shape_, x_);
    path_.resize(outer);
  }
  // The same for numbered members.
  template <class Run>
  void run_as(int index, const Run& run) {
    if (!observed()) return run();
    run_as(std::string_view(std::to_string(index)), run);
  }
  // Shows a result that a fused step would not have made.
  void show(std::string_view label, Shape shape, const float* x) const {
    if (observed() && !label.empty()) observer_->see(label, shape, x);
  }

 private:
  const float* x_;
  Shape shape_;
  float* next_;
  float* other_;
  bool own_ = false;
  Observer* observer_;
  std::string path_;
};

}  // namespace tessera::detail
