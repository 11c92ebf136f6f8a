// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/parameter.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string Key::str() const {
  std::string joined;
  for (const Key* k = this; k != nullptr; k = k->inner_) {
    if (k->index_ < 0 && k->name_.empty()) continue;
    if (!joined.empty()) joined += '.';
    if (k->index_ >= 0)
      joined += std::to_string(k->index_);
    else
      joined += k->name_;
  }
  return joined;
}

}  // namespace tessera
