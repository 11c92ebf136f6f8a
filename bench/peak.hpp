// SPDX-License-Identifier: MIT
#pragma once

// The most multiply-adds that one core of this machine can do, measured: independent chains of packet FMAs that never leave the
// registers. In GFLOP/s, a multiply-add counted as two.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>

#include "tessera/kernels/packet.hpp"

namespace bench {

inline double measure_peak_gflops() {
  using P = tessera::detail::Packet<tessera::native_lanes>;
  using namespace Eigen::internal;
  constexpr int chains = 12;
  constexpr long rounds = 2'000'000;
  double best = 0;
  for (int trial = 0; trial < 5; ++trial) {
    P sum[chains];
#pragma GCC unroll 16
    for (int i = 0; i < chains; ++i) sum[i] = pset1<P>(static_cast<float>(i));
    P factor = pset1<P>(0.999F), term = pset1<P>(0.001F);
    benchmark::DoNotOptimize(factor);
    benchmark::DoNotOptimize(term);
    const P a = factor, b = term;
    const auto start = std::chrono::steady_clock::now();
    for (long round = 0; round < rounds; ++round)
#pragma GCC unroll 16
      for (int i = 0; i < chains; ++i) sum[i] = pmadd(sum[i], a, b);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    // One register is shown to the outside: a sum whose address is taken would live in memory.
    P total = sum[0];
#pragma GCC unroll 16
    for (int i = 1; i < chains; ++i) total = padd(total, sum[i]);
    benchmark::DoNotOptimize(total);
    best = std::max(best, 2e-9 * rounds * chains * tessera::native_lanes / seconds.count());
  }
  return best;
}

// Measured once a process.
inline double peak_gflops() {
  static const double peak = measure_peak_gflops();
  return peak;
}

}  // namespace bench
