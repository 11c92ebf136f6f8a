// SPDX-License-Identifier: MIT
#pragma once

// What was found in a checkpoint and what became of it.

#include <cstddef>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "tessera/io/tensor_file.hpp"

namespace tessera {

struct LoadReport {
  std::string path;
  std::string format;       // "safetensors", "PyTorch zip", ...
  std::string naming;       // "timm", "Google flax", ...
  std::size_t tensors = 0;  // in the file
  std::size_t used = 0;
  std::size_t converted = 0;           // of the used ones: copied, because of their type, order or alignment
  std::vector<std::string> ignored;    // names in the file
  std::map<DType, std::size_t> types;  // of the used ones
};

inline std::ostream& operator<<(std::ostream& out, const LoadReport& report) {
  out << report.path << ": " << report.format << ", " << report.naming << " names, " << report.tensors << " tensors: " << report.used
      << " used";
  const char* separator = " (";
  for (const auto& [type, count] : report.types) {
    out << separator << count << ' ' << type;
    separator = ", ";
  }
  if (!report.types.empty()) out << ')';
  out << ", " << report.converted << " converted, " << report.ignored.size() << " ignored";
  constexpr std::size_t shown = 4;
  separator = " (";
  for (std::size_t i = 0; i < report.ignored.size() && i < shown; ++i) {
    out << separator << detail::printable(report.ignored[i]);
    separator = ", ";
  }
  if (report.ignored.size() > shown) out << " and " << report.ignored.size() - shown << " more";
  if (!report.ignored.empty()) out << ')';
  return out;
}

}  // namespace tessera
