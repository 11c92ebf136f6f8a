// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// What was found in a checkpoint and what became of it.
struct LoadReport {
  // The file, as it was named.
  std::string path;
  std::string format;       // "safetensors", "PyTorch zip", ...
  std::string naming;       // "timm", "Google flax", ...
  std::size_t tensors = 0;  // in the file, or in the state that was taken
  std::size_t used = 0;
  std::size_t converted = 0;                           // of the used ones: copied, because of their type, order or alignment
  std::vector<std::string> ignored;                    // names in the file
  std::vector<std::pair<DType, std::size_t>> types{};  // of the used ones, in the order of DType
  std::string state{};                                 // where in the checkpoint the weights are: "", "model", "state.model"
  std::string prefix{};                                // what their names begin with: "", "module."
  std::vector<std::string> passed_over{};              // other weights that fit, by place and prefix: AssignOptions::state takes them
};

// In one line.
std::string to_string(const LoadReport& report);

template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const LoadReport& report) {
  return out << to_string(report);
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/load_report_inl.hpp"
#endif
