// SPDX-License-Identifier: MIT
#pragma once

// forward/<model>/batch:<B>/threads:<T>: images through one model. Counters: images_per_second_per_core; gflops, two for each
// multiply-accumulate of the published architecture; peak_share, gflops over the FMA peak of the cores in use.

#include <benchmark/benchmark.h>

#include <cmath>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "peak.hpp"
#include "tessera/engine/model.hpp"

namespace bench {

// Speed does not depend on the values; these keep activations in a sane range.
template <class N>
tessera::Weights<N> plausible_weights() {
  tessera::Weights<N> weights;
  auto numbers = std::make_shared<std::vector<tessera::Buffer>>();
  std::uint32_t state = 1;
  for (const auto& [key, parameter] : weights.parameters()) {
    const double fan_in = static_cast<double>(parameter->size()) / parameter->extent(0);
    const double bound = parameter->rank() == 1 ? 0.1 : std::sqrt(3 / fan_in);
    numbers->emplace_back(static_cast<std::size_t>(parameter->size()));
    for (float& v : numbers->back().span()) {
      state = state * 1664525U + 1013904223U;
      v = static_cast<float>(bound * (state / 2147483648.0 - 1)) + (parameter->rank() == 1 ? 0.5F : 0.0F);
    }
    parameter->bind(numbers->back().data());
  }
  weights.keep(numbers);
  return weights;
}

template <class N>
void forward(benchmark::State& state) {
  const int batch = static_cast<int>(state.range(0)), threads = static_cast<int>(state.range(1));
  static const tessera::Model<N> model(plausible_weights<N>());
  tessera::Batch<N::input> images(batch);
  for (std::size_t i = 0; i < images.size(); ++i) images.data()[i] = static_cast<float>(i % 255) / 127.0F - 1.0F;
  tessera::Batch<N::output> scores(batch);
  std::vector<tessera::Scratch> scratch;
  for (int t = 0; t < threads; ++t) scratch.push_back(model.make_scratch());

  const auto run = [&](int thread) {
    for (int image = thread; image < batch; image += threads)
      model.forward(images[image], scores[image], scratch[static_cast<std::size_t>(thread)]);
  };
  for (auto _ : state) {
    std::vector<std::thread> helpers;
    for (int t = 1; t < threads; ++t) helpers.emplace_back(run, t);
    run(0);
    for (std::thread& helper : helpers) helper.join();
    benchmark::ClobberMemory();
  }

  tessera::Tensor<N::input> first;
  std::copy_n(images.data(), first.size(), first.data());
  const auto want = model(first);
  for (std::size_t k = 0; k < want.size(); ++k)
    if (!(want[k] == scores.data()[k]) || !std::isfinite(want[k])) return state.SkipWithError("the scores are wrong");

  using benchmark::Counter;
  const double done = static_cast<double>(state.iterations()) * batch;
  const double flops = 2.0 * static_cast<double>(N::macs) * done;
  state.counters["images_per_second"] = Counter(done, Counter::kIsRate);
  state.counters["images_per_second_per_core"] = Counter(done / threads, Counter::kIsRate);
  state.counters["gflops"] = Counter(1e-9 * flops, Counter::kIsRate);
  state.counters["peak_share"] = Counter(1e-9 * flops / (peak_gflops() * threads), Counter::kIsRate);
}

// Batch 1 and 8 on one thread, batch 8 on all.
template <class N>
void register_forward() {
  auto* const b = benchmark::RegisterBenchmark(("forward/" + std::string(N::name)).c_str(), forward<N>);
  b->ArgNames({"batch", "threads"})->Args({1, 1})->Args({8, 1});
  if (const int cores = static_cast<int>(std::thread::hardware_concurrency()); cores > 1) b->Args({8, cores});
  b->UseRealTime()->Unit(benchmark::kMillisecond);
}

}  // namespace bench
