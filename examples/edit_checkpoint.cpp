// SPDX-License-Identifier: MIT
//
// Weights as values that a program may change: two checkpoints of the bundled ResMLP become their mean, and a checkpoint gets a new head
// with 37 classes, to be trained elsewhere:
//
//     edit_checkpoint average A B RESULT.safetensors
//     edit_checkpoint new_head A RESULT.safetensors

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <utility>

#include "tessera/load.hpp"
#include "tessera/models/cifar10.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/save.hpp"

using namespace tessera;

// Not for networks with Shared layers, whose values are met once in each block.
void average(const std::string& a, const std::string& b, const std::string& result) {
  auto mean = read_weights<ResMlpCifar10>(a);
  const auto other = read_weights<ResMlpCifar10>(b);
  for (const auto& [key, parameter] : std::as_const(mean).parameters())
    std::ranges::transform(mean[key], other[key], mean[key].begin(), [](float x, float y) { return (x + y) / 2; });
  save(mean, result, {{"model", std::string(ResMlpCifar10::name)}});
}

void replace_head(const std::string& a, const std::string& result) {
  const auto old = read_weights<ResMlpCifar10>(a);
  Weights<WithClasses<ResMlpCifar10, 37>> weights;
  weights.allocate();  // zeros, which the head keeps
  for (const auto& [key, parameter] : weights.parameters())
    if (!key.starts_with("head.")) std::ranges::copy(old[key], weights[key].begin());
  save(weights, result, {{"model", std::string(ResMlpCifar10::name)}});
}

int main(int count, char** words) try {
  if (count == 5 && words[1] == std::string("average"))
    average(words[2], words[3], words[4]);
  else if (count == 4 && words[1] == std::string("new_head"))
    replace_head(words[2], words[3]);
  else
    return std::cerr << "edit_checkpoint: found other arguments, expected: average A B RESULT, or: new_head A RESULT\n", 2;
  return 0;
} catch (const std::exception& error) {
  std::cerr << "edit_checkpoint: " << error.what() << '\n';
  return 1;
}
