// SPDX-License-Identifier: MIT
#pragma once

// WeightMatrix: the weights of a layer as they lie in a checkpoint, and what is folded into them when they are packed,
//
//     W[column, k] = data[column·inner + k] · before[k] · after[column]
//
// Of a convolution, k counts the numbers of a window in the order (tap, channel), but a checkpoint has (channel, tap):
//
//     W[column, tap·C + c] = float(scale[column] · data[column·inner + c·taps + tap])          C = inner / taps

#include <cstddef>

#include "tessera/kernels/function_ref.hpp"
#include "tessera/kernels/isa.hpp"

namespace tessera::detail {

struct WeightMatrix {
  const float* data;
  std::ptrdiff_t columns, inner;
  // Null pointers stand for ones.
  const float* before = nullptr;
  const float* after = nullptr;
  std::ptrdiff_t taps = 1;
  const double* scale = nullptr;
};

// Numbers k = first, first + 1, ... of a column.
template <Isa I>
void write_column(const WeightMatrix& w, std::ptrdiff_t column, std::ptrdiff_t first, std::ptrdiff_t count, float* to) {
  const float* const row = w.data + column * w.inner;
  if (w.taps > 1 || w.scale != nullptr) {
    const std::ptrdiff_t channels = w.inner / w.taps;
    const double scale = w.scale == nullptr ? 1.0 : w.scale[column];
    std::ptrdiff_t tap = first / channels, c = first % channels;
    for (std::ptrdiff_t i = 0; i < count; ++i) {
      to[i] = static_cast<float>(scale * static_cast<double>(row[c * w.taps + tap]));
      if (++c < channels) continue;
      c = 0;
      ++tap;
    }
    return;
  }
  const float after = w.after == nullptr ? 1.0F : w.after[column];
  if (w.before == nullptr) {
    for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = row[first + i] * after;
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) to[i] = row[first + i] * w.before[first + i] * after;
  }
}

}  // namespace tessera::detail
