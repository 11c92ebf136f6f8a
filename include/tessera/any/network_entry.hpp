// SPDX-License-Identifier: MIT
#pragma once

// NetworkEntry: what a program has of a network that can be chosen while it runs. network_entry<N, E>() (any/network_entry_of.hpp) makes
// it.

#include <memory>
#include <string>
#include <vector>

#include "tessera/any/network_info.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/engine/runnable.hpp"
#include "tessera/io/load_report.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

// A parameter that belongs to no network: its key and extents.
struct OwnParameter {
  std::string key;
  Parameter parameter;
};

struct NetworkEntry {
  NetworkInfo info;
  // What a checkpoint of the network has, with the published head.
  std::vector<OwnParameter> (*parameters)();
  // Takes the weights from a file, with `classes` classes, from the set of weights that AssignOptions::state chooses. Throws an Error that
  // says what does not fit.
  std::unique_ptr<const Runnable> (*load)(const TensorFile& file, int classes, const std::string& state, LoadReport* report);
  // The names of the intermediate results.
  std::vector<std::string> (*intermediates)();
  // The table of its layers (engine/summary.hpp), for an image that the network accepts. classes: of the file, 0 for a backbone.
  std::string (*summary)(Shape image, int classes);
};

}  // namespace tessera::detail
