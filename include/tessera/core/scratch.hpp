// SPDX-License-Identifier: MIT
#pragma once

// What a running forward pass needs beside the model: working memory, taken and given back like a stack, and the workers that share its
// work. One object per running forward pass; its size is known before the first image, so that nothing is allocated while images are
// processed.
//
// Each worker has a piece of memory of its own. Work that can be shared out is a function of a job, or of a range, and of the Scratch of
// the worker that runs it; that one has no workers, so whatever is shared out inside runs in order.

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/core/workers.hpp"

namespace tessera {

class Scratch {
 public:
  // So many floats for each of the workers, which are not owned.
  explicit Scratch(std::size_t floats, Workers* workers = nullptr) : memory_(floats), workers_(workers) {
    for (int worker = 1; worker < this->workers(); ++worker) others_.emplace_back(floats);
  }

  std::size_t capacity() const { return memory_.size(); }
  int workers() const { return workers_ == nullptr ? 1 : workers_->count(); }

  // What a request of n floats uses up: every piece starts at a multiple of 64 bytes.
  static constexpr std::size_t rounded(std::size_t floats) {
    constexpr std::size_t step = Buffer::alignment / sizeof(float);
    return (floats + step - 1) / step * step;
  }
  static constexpr std::size_t rounded(Shape shape) { return rounded(static_cast<std::size_t>(shape.size())); }

  // Everything taken through a frame is given back at the end of its scope. The contents start undefined.
  class Frame {
   public:
    explicit Frame(Scratch& scratch) : scratch_(scratch), mark_(scratch.used_) {}
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { scratch_.used_ = mark_; }

    float* take(std::size_t floats) { return scratch_.take(floats); }
    template <Shape S>
    MutableView<S> take(Shape shape) {
      return {take(static_cast<std::size_t>(shape.size())), shape};
    }

   private:
    Scratch& scratch_;
    std::size_t mark_;
  };

  // work(job, scratch) for the jobs 0, 1, ..., which are alike and can themselves be shared out: as many of them as give every worker the
  // same number, one worker each; the rest one after another, by all workers together.
  template <class Work>
  void share(std::ptrdiff_t jobs, const Work& work) {
    const std::ptrdiff_t alone = workers() == 1 ? 0 : jobs - jobs % workers();
    if (alone > 0) run(alone, work);
    for (std::ptrdiff_t job = alone; job < jobs; ++job) work(job, *this);
  }

  // work(first, count, scratch) for ranges that make up [0, n) and begin at multiples of `step`. Of several ranges for each worker, one that
  // is held up leaves its later ones to the others.
  template <class Work>
  void split(std::ptrdiff_t n, std::ptrdiff_t step, const Work& work, int ranges_each = 4) {
    const std::ptrdiff_t steps = (n + step - 1) / step, ranges = (std::min<std::ptrdiff_t>)(steps, std::ptrdiff_t{ranges_each} * workers());
    if (workers() == 1 || ranges <= 1) return work(std::ptrdiff_t{0}, n, *this);
    run(ranges, [&](std::ptrdiff_t range, Scratch& own) {
      const std::ptrdiff_t first = range * steps / ranges * step, last = (std::min)((range + 1) * steps / ranges * step, n);
      work(first, last - first, own);
    });
  }

 private:
  template <class Work>
  void run(std::ptrdiff_t jobs, const Work& work) {
    Workers* const workers = std::exchange(workers_, nullptr);
    const auto job = [&](std::ptrdiff_t number, int worker) {
      work(number, worker == 0 ? *this : others_[static_cast<std::size_t>(worker) - 1]);
    };
    workers->run(
        jobs, [](const void* context, std::ptrdiff_t number, int worker) { (*static_cast<decltype(&job)>(context))(number, worker); },
        &job);
    workers_ = workers;
  }

  float* take(std::size_t floats) {
    const std::size_t size = rounded(floats);
    if (size > memory_.size() - used_) detail::fail("Scratch: found room for ", memory_.size() - used_, " floats, expected ", size);
    float* const piece = memory_.data() + used_;
    used_ += size;
    return piece;
  }

  Buffer memory_;
  std::size_t used_ = 0;
  Workers* workers_;
  std::vector<Scratch> others_;
};

}  // namespace tessera
