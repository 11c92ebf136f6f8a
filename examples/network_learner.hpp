// SPDX-License-Identifier: MIT
#pragma once

// All layers of a network in training. A network is trained as a type, each of which costs compile time: CMake makes a unit for each of
// TESSERA_TRAINED_NETWORKS, and a table of them.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "learner.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/train/optimiser.hpp"

struct NetworkLearnerOptions {
  int classes = 0;
  int threads = 1;
  const tessera::TensorFile* from = nullptr;  // takes all weights but the head's; null: first weights, by the seed
  std::string state{};                        // which of several sets of weights in the file
  tessera::OptimiserOptions optimiser{};
  double muon_rate = 1;    // Muon's learning rate, as a multiple of AdamW's
  double layer_decay = 1;  // how much less the layers before a layer learn
  double average = 0;      // decay of the average of the weights, which is what is kept; 0: no average
  double drop_path = 0;    // stochastic depth of the last block
  double smoothing = 0.1;  // of the labels
  std::uint64_t seed = 0;
};

// What a unit has of a network.
struct TrainedNetwork {
  std::string_view name;
  tessera::NetworkInfo info;
  std::unique_ptr<Learner> (*make)(const NetworkLearnerOptions& options);
};
// CMakeLists.txt writes the unit that defines it.
std::vector<TrainedNetwork> trained_table();

// A learner for the network of that name. Throws an Error if this program cannot train it.
inline std::unique_ptr<Learner> make_network_learner(std::string_view network, const NetworkLearnerOptions& options) {
  std::string names;
  for (const TrainedNetwork& known : trained_table()) {
    if (known.name == network) return known.make(options);
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  }
  throw tessera::Error("found the network " + std::string(network) +
                       ", expected one that this program can train (TESSERA_TRAINED_NETWORKS): " + names);
}
