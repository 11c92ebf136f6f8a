// SPDX-License-Identifier: MIT
#pragma once

// A malformed file, what is wrong with it, and a part of the message that it must be refused with.

#include <string>
#include <vector>

namespace tessera::test {

struct Defect {
  std::string name;
  std::string bytes;
  std::string message;
};

}  // namespace tessera::test
