// SPDX-License-Identifier: MIT
#pragma once

// What the golden runner knows of a network: a function that gives it the numbers of a checkpoint and runs it on a batch.
// One such function is compiled for every network type that a golden directory asks for.

#include <span>
#include <string>
#include <string_view>

#include "tessera/core/shape.hpp"
#include "tessera/io/tensor_file.hpp"

namespace golden {

// Receives the intermediate results and, as "logits", the output of every image.
class Sink {
 public:
  virtual void see(int image, std::string_view name, tessera::Shape shape, const float* values) = 0;

 protected:
  ~Sink() = default;
};

struct Request {
  const tessera::TensorFile& weights;
  bool backbone;                 // keys of a classifier may be left over in the file
  std::span<const float> input;  // [images, channels, height, width]
  int images;
  Sink& sink;
};

// What the network says of itself, to be compared with the index.
struct Facts {
  std::int64_t parameters = 0;
  std::int64_t macs = 0;
};

struct Network {
  void (*run)(const Request&);
  Facts facts;
};

// Keeps a network under its C++ type expression. Returns true, so that it can be called while a translation unit is initialised.
bool register_network(const std::string& expression, Network network);

}  // namespace golden
