// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/shape.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::string to_string(Shape shape) {
  std::string text;
  for (const int side : {shape.height, shape.width, shape.channels}) {
    if (!text.empty()) text += "×";
    text += side == Dynamic ? "?" : std::to_string(side);
  }
  return text;
}

}  // namespace tessera
