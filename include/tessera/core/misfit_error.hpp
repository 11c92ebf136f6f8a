// SPDX-License-Identifier: MIT
#pragma once

// MisfitError: a checkpoint that does not fit a network, with its lists for programs that show them.

#include <cstdint>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"

namespace tessera {

// A tensor that is in the file and in the network, with other extents.
struct MisshapenTensor {
  // Its key.
  std::string name;
  std::vector<std::int64_t> found;     // in the file
  std::vector<std::int64_t> expected;  // by the network
};

// Its kind is ErrorKind::does_not_fit. The message has the lists as well, shortened if they are long.
class MisfitError : public Error {
 public:
  // With the text that what() gives, and the lists.
  MisfitError(const std::string& message, std::vector<std::string> missing_names, std::vector<std::string> surplus_names,
              std::vector<MisshapenTensor> misshapen_tensors)
      : Error(message, ErrorKind::does_not_fit),
        missing(std::move(missing_names)),
        surplus(std::move(surplus_names)),
        misshapen(std::move(misshapen_tensors)) {}

  std::vector<std::string> missing;        // parameters of the network that the file has not
  std::vector<std::string> surplus;        // tensors of the file that the network has not
  std::vector<MisshapenTensor> misshapen;  // tensors of both with different extents
};

}  // namespace tessera
