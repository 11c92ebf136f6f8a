// SPDX-License-Identifier: MIT
#pragma once

// Class names in the order of a classifier's outputs. For a file of your own see vision/read_labels.hpp.

#include <array>
#include <span>
#include <string_view>

#include "tessera/vision/imagenet_labels.hpp"

namespace tessera {

// CIFAR-10 (Krizhevsky 2009), in the data set's order.
inline std::span<const std::string_view> cifar10_labels() {
  static constexpr std::array<std::string_view, 10> labels{"airplane", "automobile", "bird",  "cat",  "deer",
                                                           "dog",      "frog",       "horse", "ship", "truck"};
  return labels;
}

}  // namespace tessera
