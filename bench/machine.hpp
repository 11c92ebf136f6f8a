// SPDX-License-Identifier: MIT
#pragma once

// What this machine can do, measured by the program that reports shares of it:
//
//     peak_gflops()              most multiply-adds of one core, each counted as two
//     memory_gigabytes(threads)  most bytes that so many threads together read from memory in a second, in units of 10^9
//     measure_message_ns()       a message from one thread to another

#include <benchmark/benchmark.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <map>
#include <thread>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/kernels/packet.hpp"
#include "timing.hpp"

namespace bench {

using Packet = tessera::detail::Packet<tessera::native_isa>;

// Independent chains of packet FMAs that never leave the registers.
inline double measure_peak_gflops() {
  using namespace Eigen::internal;
  constexpr int chains = 12;
  constexpr long rounds = 2'000'000;
  double best = 0;
  for (int trial = 0; trial < 5; ++trial) {
    Packet sum[chains];
#pragma GCC unroll 16
    for (int i = 0; i < chains; ++i) sum[i] = pset1<Packet>(static_cast<float>(i));
    Packet factor = pset1<Packet>(0.999F), term = pset1<Packet>(0.001F);
    benchmark::DoNotOptimize(factor);
    benchmark::DoNotOptimize(term);
    const Packet a = factor, b = term;
    const double start = now();
    for (long round = 0; round < rounds; ++round)
#pragma GCC unroll 16
      for (int i = 0; i < chains; ++i) sum[i] = pmadd(sum[i], a, b);
    const double seconds = now() - start;
    // One register is shown to the outside: a sum whose address is taken would live in memory.
    Packet total = sum[0];
#pragma GCC unroll 16
    for (int i = 1; i < chains; ++i) total = padd(total, sum[i]);
    benchmark::DoNotOptimize(total);
    best = std::max(best, 2e-9 * rounds * chains * tessera::native_lanes / seconds);
  }
  return best;
}

// Reads every number once.
inline void read_all(const tessera::Buffer& numbers) {
  using namespace Eigen::internal;
  constexpr std::size_t step = 8 * tessera::native_lanes;
  Packet sum[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) sum[i] = pset1<Packet>(0.0F);
  for (std::size_t first = 0; first + step <= numbers.size(); first += step)
#pragma GCC unroll 8
    for (int i = 0; i < 8; ++i)
      sum[i] = padd(sum[i], ploadu<Packet>(numbers.data() + first + static_cast<std::size_t>(i * tessera::native_lanes)));
  Packet total = sum[0];
#pragma GCC unroll 8
  for (int i = 1; i < 8; ++i) total = padd(total, sum[i]);
  benchmark::DoNotOptimize(total);
}

// Every thread reads numbers of its own, several times as many as caches hold.
inline double measure_memory_gigabytes(int threads) {
  constexpr std::size_t floats = std::size_t{1} << 25;
  constexpr int rounds = 5;
  std::barrier meeting(threads);
  std::vector<double> seconds(rounds);
  const auto read = [&](int thread) {
    const tessera::Buffer numbers(floats);
    for (double& round : seconds) {
      meeting.arrive_and_wait();
      const double start = now();
      read_all(numbers);
      meeting.arrive_and_wait();
      if (thread == 0) round = now() - start;
    }
  };
  std::vector<std::thread> helpers;
  for (int thread = 1; thread < threads; ++thread) helpers.emplace_back(read, thread);
  read(0);
  for (std::thread& helper : helpers) helper.join();
  return 1e-9 * static_cast<double>(floats * sizeof(float)) * threads / *std::min_element(seconds.begin(), seconds.end());
}

// Half of the shortest way there and back. It tells whether two cores share a cache, which decides what two threads gain on one image; a
// virtual machine's cores may be moved apart at any time.
inline double measure_message_ns() {
  constexpr int trials = 5, messages = 5'000;
  std::atomic<int> turn{0};
  const auto play = [&turn](int mine) {
    for (int i = 0; i < messages; ++i) {
      while (turn.load(std::memory_order_acquire) != mine) continue;
      turn.store(1 - mine, std::memory_order_release);
    }
  };
  double best = 1;
  for (int trial = 0; trial < trials; ++trial) {
    std::thread other(play, 1);
    const double start = now();
    play(0);
    other.join();
    best = std::min(best, now() - start);
  }
  return 1e9 * best / (2.0 * messages);
}

// Each is measured once a process.
inline double peak_gflops() {
  static const double peak = measure_peak_gflops();
  return peak;
}
inline double memory_gigabytes(int threads) {
  static std::map<int, double> measured;
  const auto found = measured.find(threads);
  return found != measured.end() ? found->second : measured[threads] = measure_memory_gigabytes(threads);
}

// Cores that this process may use.
inline int cores() {
  cpu_set_t allowed;
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 1;
}

// What a reader of the figures has to know besides.
inline void add_machine_context() {
  benchmark::AddCustomContext("fma_peak_gflops_per_core", std::to_string(peak_gflops()));
  benchmark::AddCustomContext("memory_gigabytes_per_second", std::to_string(memory_gigabytes(1)));
  benchmark::AddCustomContext("lanes", std::to_string(tessera::native_lanes));
#if defined(__clang__)
  benchmark::AddCustomContext("compiler", "clang " __clang_version__);
#elif defined(__GNUC__)
  benchmark::AddCustomContext("compiler", "g++ " __VERSION__);
#endif
  benchmark::AddCustomContext(
      "eigen", std::to_string(EIGEN_WORLD_VERSION) + "." + std::to_string(EIGEN_MAJOR_VERSION) + "." + std::to_string(EIGEN_MINOR_VERSION));
}

}  // namespace bench
