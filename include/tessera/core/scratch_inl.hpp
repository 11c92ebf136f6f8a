// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/scratch.hpp"

#include <algorithm>
#include <utility>

namespace tessera {

TESSERA_INLINE Scratch::Scratch(std::size_t floats, Workers* workers) { prepare(floats, workers); }

TESSERA_INLINE void Scratch::prepare(std::size_t floats, Workers* workers) {
  if (memory_.size() < floats) memory_ = Buffer::unfilled(floats);
  workers_ = workers;
  const auto others = static_cast<std::size_t>(this->workers()) - 1;
  if (others_.size() < others) others_.resize(others);
  for (std::size_t i = 0; i < others; ++i) others_[i].prepare(memory_.size());
}

// Range r of `count` is the jobs from boundary(r) to boundary(r + 1), boundaries being whole steps.
struct Scratch::Ranges {
  Scratch& scratch;
  const Task& task;
  std::ptrdiff_t n, step, steps, count;

  static void run(const void* context, std::ptrdiff_t range, int worker) {
    const Ranges& ranges = *static_cast<const Ranges*>(context);
    Scratch& own = worker == 0 ? ranges.scratch : ranges.scratch.others_[static_cast<std::size_t>(worker) - 1];
    const std::ptrdiff_t first = range * ranges.steps / ranges.count * ranges.step;
    const std::ptrdiff_t last = (std::min)((range + 1) * ranges.steps / ranges.count * ranges.step, ranges.n);
    ranges.task(first, last - first, own);
  }
};

// What is shared out inside of a range runs in order, because the worker's Scratch has no workers meanwhile.
TESSERA_INLINE void Scratch::run(const Ranges& ranges, std::ptrdiff_t count) {
  Workers* const workers = std::exchange(workers_, nullptr);
  workers->run(count, &Ranges::run, &ranges);
  workers_ = workers;
}

TESSERA_INLINE void Scratch::share_jobs(std::ptrdiff_t jobs, const Task& task) {
  const std::ptrdiff_t alone = workers() == 1 ? 0 : jobs - jobs % workers();
  if (alone > 0) run({*this, task, alone, 1, alone, alone}, alone);
  for (std::ptrdiff_t job = alone; job < jobs; ++job) task(job, 1, *this);
}

TESSERA_INLINE void Scratch::split_range(std::ptrdiff_t n, std::ptrdiff_t step, const Task& task, int ranges_each) {
  const std::ptrdiff_t steps = (n + step - 1) / step, ranges = (std::min<std::ptrdiff_t>)(steps, std::ptrdiff_t{ranges_each} * workers());
  if (workers() == 1 || ranges <= 1) return task(0, n, *this);
  run({*this, task, n, step, steps, ranges}, ranges);
}

TESSERA_INLINE float* Scratch::take(std::size_t floats) {
  const std::size_t size = rounded(floats);
  if (size > memory_.size() - used_) detail::fail("Scratch: found room for ", memory_.size() - used_, " floats, expected ", size);
  float* const piece = memory_.data() + used_;
  used_ += size;
  return piece;
}

}  // namespace tessera
