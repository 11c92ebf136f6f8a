// SPDX-License-Identifier: MIT
#pragma once

// forward/<model>/batch:<B>/threads:<T>: one forward pass of B images on T threads. forward/<model>/int8/...: the same with products of
// bytes. Counters:
//
//     images_per_second, images_per_second_per_core
//     gflops             two for each multiply-accumulate of the published architecture
//     peak_share         gflops over the float32 FMA peak of the cores in use, measured in front of and behind each benchmark
//     weight_megabytes_per_second   as if every image read every weight once
//     bandwidth_share    the same over what as many threads can read from memory
//     p50_ms, p99_ms     of one forward pass
//     message_ns         with several threads, between two of them
//
// speedup/<model>/batch:<B>/threads:<T>: one thread and T threads in turns of 50 ms. Counters:
//
//     speedup            how many times as fast T threads are, the median over the turns of the ratio of their median times
//     message_ns
//
// speedup/<model>/batch:<B>/threads:<T>/busy: the same while another process keeps one processor busy, in turns of one second whose mean
// times are compared.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

#include "busy_process.hpp"
#include "machine.hpp"
#include "plausible_weights.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

namespace bench {

inline std::shared_ptr<void> kept_subject;
inline constexpr const char* disagreement = "the scores are not finite or not those of each image alone";

// A model, its images, and what it says to each of them alone.
template <class N, tessera::Engine E>
class Subject {
 public:
  tessera::Model<N, E> model{plausible_weights<N>()};

  static tessera::Tensor<N::input> image(int index) {
    tessera::Tensor<N::input> x;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>((i + 31 * static_cast<std::size_t>(index)) % 255) / 127.0F - 1.0F;
    return x;
  }
  static tessera::Batch<N::input> images(int count) {
    tessera::Batch<N::input> all(count);
    for (int i = 0; i < count; ++i) std::ranges::copy(image(i), all[i].data());
    return all;
  }
  // Whether these are finite and, bit for bit, the scores of each image alone.
  bool agrees(const tessera::Batch<N::output>& scores) {
    for (int i = 0; i < scores.count(); ++i) {
      if (static_cast<int>(scores_.size()) == i) scores_.push_back(model(image(i)));
      const auto& want = scores_[static_cast<std::size_t>(i)];
      if (!std::ranges::equal(want, scores[i].span()) || !std::ranges::all_of(want, [](float x) { return std::isfinite(x); })) return false;
    }
    return true;
  }

  // Made at the first use and kept until another model is asked for, so that a run over all models needs the memory of the largest.
  static Subject& get() {
    static std::weak_ptr<Subject> mine;
    if (mine.expired()) {
      kept_subject.reset();
      const auto made = std::make_shared<Subject>();
      kept_subject = made;
      mine = made;
    }
    return *mine.lock();
  }

 private:
  std::vector<tessera::Tensor<N::output>> scores_;
};

template <class N, tessera::Engine E>
void forward(benchmark::State& state, int batch, int threads) {
  Subject<N, E>& subject = Subject<N, E>::get();
  const tessera::Batch<N::input> images = subject.images(batch);
  tessera::Batch<N::output> scores(batch);
  tessera::ThreadPoolWorkers workers(threads);
  tessera::Scratch scratch = subject.model.make_scratch(workers);
  // The clock moves while other cores work: the peak is measured close to the model, on both sides.
  double peak = measure_peak_gflops();

  std::vector<double> seconds;
  seconds.reserve(static_cast<std::size_t>(state.max_iterations));
  // Touches the new scratch memory and wakes the helpers.
  subject.model.forward(images, scores, scratch);
  for (auto _ : state) {
    const double start = now();
    subject.model.forward(images, scores, scratch);
    benchmark::ClobberMemory();
    seconds.push_back(now() - start);
  }

  peak = std::max(peak, measure_peak_gflops());

  if (!subject.agrees(scores)) return state.SkipWithError(disagreement);

  double total = 0;
  for (const double s : seconds) total += s;
  const double images_per_second = static_cast<double>(seconds.size()) * batch / total;
  const double gflops = 2e-9 * static_cast<double>(N::macs) * images_per_second;
  constexpr double weight_bytes = E.precision == tessera::Precision::int8 ? 1 : sizeof(float);
  const double weight_gigabytes = 1e-9 * weight_bytes * static_cast<double>(N::parameter_count) * images_per_second;
  state.counters["images_per_second"] = images_per_second;
  state.counters["images_per_second_per_core"] = images_per_second / threads;
  state.counters["gflops"] = gflops;
  state.counters["peak_share"] = gflops / (peak * threads);
  state.counters["weight_megabytes_per_second"] = 1e3 * weight_gigabytes;
  state.counters["bandwidth_share"] = weight_gigabytes / memory_gigabytes(threads);
  state.counters["p50_ms"] = 1e3 * quantile(seconds, 0.50);
  state.counters["p99_ms"] = 1e3 * quantile(seconds, 0.99);
  if (threads > 1) state.counters["message_ns"] = measure_message_ns();
}

template <class N, tessera::Engine E>
void speedup(benchmark::State& state, int batch, int threads, bool busy) {
  const std::unique_ptr<BusyProcess> neighbour = busy ? std::make_unique<BusyProcess>() : nullptr;
  Subject<N, E>& subject = Subject<N, E>::get();
  const tessera::Batch<N::input> images = subject.images(batch);
  tessera::ThreadPoolWorkers workers(threads);
  struct Side {
    tessera::Scratch scratch;
    tessera::Batch<N::output> scores;
  } one{subject.model.make_scratch(), tessera::Batch<N::output>(batch)},
      all{subject.model.make_scratch(workers), tessera::Batch<N::output>(batch)};
  // The median or mean time of a forward pass, after one that warms the caches.
  const auto turn = [&](Side& side) {
    std::vector<double> seconds;
    subject.model.forward(images, side.scores, side.scratch);
    for (const double end = now() + (busy ? 1 : 0.05); seconds.empty() || now() < end;) {
      const double start = now();
      subject.model.forward(images, side.scores, side.scratch);
      seconds.push_back(now() - start);
    }
    return busy ? std::accumulate(seconds.begin(), seconds.end(), 0.0) / static_cast<double>(seconds.size()) : quantile(seconds, 0.50);
  };
  std::vector<double> ratios;
  for (auto _ : state) {
    const double alone = turn(one);
    ratios.push_back(alone / turn(all));
  }
  if (!subject.agrees(one.scores) || !subject.agrees(all.scores)) return state.SkipWithError(disagreement);
  state.counters["speedup"] = quantile(ratios, 0.50);
  state.counters["message_ns"] = measure_message_ns();
}

// Batches of 1 and 8, on one thread and on all cores. A model that would not fit into memory while its weights are packed is left out.
template <class N, tessera::Engine E>
void register_forward() {
  const double memory = static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGESIZE));
  if (3.0 * sizeof(float) * static_cast<double>(N::parameter_count) > memory) return;
  const std::string precision = E.precision == tessera::Precision::int8 ? "/int8" : "";
  std::vector<int> thread_counts{1};
  if (cores() > 1) thread_counts.push_back(cores());
  for (const int batch : {1, 8})
    for (const int threads : thread_counts) {
      const std::string name = std::string(N::name) + precision + "/batch:" + std::to_string(batch) + "/threads:" + std::to_string(threads);
      benchmark::RegisterBenchmark(("forward/" + name).c_str(), forward<N, E>, batch, threads)->Unit(benchmark::kMillisecond);
      if (threads == 1) continue;
      benchmark::RegisterBenchmark(("speedup/" + name).c_str(), speedup<N, E>, batch, threads, false)->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("speedup/" + name + "/busy").c_str(), speedup<N, E>, batch, threads, true)
          ->Unit(benchmark::kMillisecond)
          ->Iterations(5);
    }
}

}  // namespace bench
