// SPDX-License-Identifier: MIT
#pragma once

// Runner: a network that has its weights, seen through virtual functions. They are called once an image, never once a layer. The number of
// classes is that of the file. RunnerOf<N, E> (any/runner_of.hpp) implements it; users meet it through AnyModel.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tessera/any/network_info.hpp"
#include "tessera/core/observer.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/core/scratch.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/io/assign.hpp"

namespace tessera::detail {

class Runner {
 public:
  Runner() = default;
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;
  virtual ~Runner() = default;

  // Of the scores, or of a backbone's map, for an image of this shape. Throws if the network does not accept the shape.
  virtual Shape output_shape(Shape image) const = 0;
  // Floats of a Scratch for an image of this shape.
  virtual std::size_t scratch_floats(Shape image) const = 0;
  // One image, channels last. y has room for the output. observer may be null. Allocates nothing without one.
  virtual void run(const float* x, Shape image, float* y, Scratch& scratch, Observer* observer) const = 0;
};

// A key of a checkpoint and the extents of its tensor.
struct KeyAndExtents {
  std::string key;
  Extents extents;
};

// What a program has of a network: facts, and the function that makes it.
struct NetworkEntry {
  NetworkInfo info;
  // What a checkpoint of the network has, with the published head.
  std::vector<KeyAndExtents> (*parameters)();
  // Takes the weights from a file, with `classes` classes. Throws an Error that lists what does not fit.
  std::unique_ptr<Runner> (*load)(const TensorFile& file, int classes, LoadReport* report);
};

}  // namespace tessera::detail
