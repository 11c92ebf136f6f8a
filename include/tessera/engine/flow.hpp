// SPDX-License-Identifier: MIT
#pragma once

// Flow: where the activations of one image are while a program runs, and the name of the running step where somebody watches.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/compiled.hpp"
#include "tessera/core/observer.hpp"
#include "tessera/core/scratch.hpp"

namespace tessera::detail {

// An observer, and the name of the step that runs for it, such as blocks.3.
struct Watch {
  Observer& observer;
  std::string path;
};

// Steps read x() and either change it in place or write their output to next() and advance. Two buffers are enough for any chain of steps.
class Flow {
 public:
  // first and second have room for the largest activation each. watch is null where nobody watches: then names cost a comparison each.
  Flow(const float* x, Shape shape, float* first, float* second, Watch* watch)
      : x_(x), shape_(shape), next_(first), other_(second), watch_(watch) {}

  const float* x() const { return x_; }
  Shape shape() const { return shape_; }
  Watch* watch() const { return watch_; }

  // x for a step that overwrites it.
  float* in_place() {
    if (!own_) copy_input();
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

  // A step begins: its label, if it has one, is added to the name. The result is for leave().
  std::size_t enter(std::string_view label) { return watch_ == nullptr ? 0 : enter_watched(label); }
  // The same for a numbered member.
  std::size_t enter(int index) { return watch_ == nullptr ? 0 : enter_watched(std::to_string(index)); }
  // It has ended: the observer sees x, unless the step has no label.
  void leave(std::size_t outer, bool labelled = true) {
    if (watch_ != nullptr) leave_watched(outer, labelled);
  }

  // Whether the observer wants a result inside of this step that a fused step makes for it alone.
  bool wants(std::string_view label) const { return watch_ != nullptr && wants_watched(label); }
  // Shows such a result.
  void show(std::string_view label, Shape shape, const float* x) const;

 private:
  void copy_input();
  std::size_t enter_watched(std::string_view label);
  void leave_watched(std::size_t outer, bool labelled);
  bool wants_watched(std::string_view label) const;

  const float* x_;
  Shape shape_;
  float* next_;
  float* other_;
  bool own_ = false;
  Watch* watch_;
};

// What a step of a residual branch adds: y += f(x). x may be y.
struct Addition {
  const void* step;
  void (*add)(const void* step, const float* x, Shape shape, float* y, Scratch& scratch);
};
// For an observer that wants f(x), whose name is `label`: it is made alone, and shown.
void show_addition(const Addition& addition, std::string_view label, const Flow& flow, Scratch& scratch);
// x += f(x) in a flow, and the same for an observer.
void run_residual(const Addition& addition, std::string_view label, Flow& flow, Scratch& scratch);

// Shows next() - x() under this name.
void show_difference(std::string_view label, const Flow& flow);

// A step that has add(x, shape, y, scratch).
template <class Step>
Addition addition_of(const Step& step) {
  return {&step, [](const void* self, const float* x, Shape shape, float* y, Scratch& scratch) {
            static_cast<const Step*>(self)->add(x, shape, y, scratch);
          }};
}

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/engine/flow_inl.hpp"
#endif
