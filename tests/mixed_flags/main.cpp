// SPDX-License-Identifier: MIT
//
// A tensor made under one instruction set is freed and read under the other, and both find the same scores.

#include <cmath>
#include <cstdio>

#include "network.hpp"

int main() {
  const auto a = plain_scores(native_image()), b = native_scores(plain_image());
  for (std::size_t k = 0; k < a.size(); ++k)
    if (!(std::abs(a[k] - b[k]) <= 1e-5F))
      return std::printf("class %zu: %g and %g\n", k, static_cast<double>(a[k]), static_cast<double>(b[k])), 1;
  return 0;
}
