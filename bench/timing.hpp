// SPDX-License-Identifier: MIT
#pragma once

// Seconds of the steady clock, and quantiles of many of them.

#include <algorithm>
#include <chrono>
#include <vector>

namespace bench {

inline double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// The value below which a share of all values lies. Sorts them.
inline double quantile(std::vector<double>& values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace bench
