// SPDX-License-Identifier: MIT
#pragma once

// Observer: what a user derives from to see a model's intermediate results while it runs.

#include <string_view>

#include "tessera/core/shape.hpp"

namespace tessera {

// Sees intermediate results: the name as in the checkpoint's keys, the shape, and the values, channels last.
class Observer {
 public:
  // Whether see() is to be called for results of this name. Some are made only for an observer that wants them.
  virtual bool wants(std::string_view) { return true; }
  // Called for each result, in the order in which they are made. `x` is read during the call alone: height × width × channels floats.
  virtual void see(std::string_view name, Shape shape, const float* x) = 0;

 protected:
  ~Observer() = default;
};

}  // namespace tessera
