// SPDX-License-Identifier: MIT
#pragma once

// What is known of a network or a published checkpoint before any file is read, as plain data.

#include <cstdint>
#include <string_view>

#include "tessera/core/preprocessing.hpp"
#include "tessera/core/shape.hpp"

namespace tessera {

struct NetworkInfo {
  std::string_view name;             // "mixer_b16_224"
  Shape input;                       // sides may be Dynamic
  int classes = 0;                   // of the published head; 0 for a backbone
  int head_inputs = 0;               // channels that the head reads; 0 for a backbone
  std::int64_t parameter_count = 0;  // learnable numbers, with the published head
  std::int64_t macs = 0;             // multiply-accumulates of one image, with the published head; 0 where the size of images is free
  Preprocessing preprocessing;
};

struct CheckpointInfo {
  std::string_view name;     // "mixer_b16_224.goog_in21k"
  std::string_view file;     // the authors' file, empty where there is none
  std::string_view network;  // the name of the network whose weights it has
  int classes = 0;
  double top1 = 0;  // published top-1 in per cent; 0 where there is none
  Preprocessing preprocessing;
};

}  // namespace tessera
