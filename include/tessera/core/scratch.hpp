// SPDX-License-Identifier: MIT
#pragma once

// What a running forward pass needs besides the model: working memory, which is taken and given back like a stack, and the workers that
// share its work. Each running forward pass needs a Scratch of its own. The size is known before the first image, so that nothing is
// allocated while images are processed.
//
// Each worker has a piece of memory of its own. Work that can be shared is a function of a job, or of a range, and of the Scratch of the
// worker that runs it. That Scratch has no workers, so work that is shared inside a job runs in order.

#include <cstddef>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/core/workers.hpp"

namespace tessera {

class Scratch {
 public:
  // Memory without contents, for `floats` floats for each of the workers, which are not owned. Without workers: for the calling thread.
  explicit Scratch(std::size_t floats = 0, Workers* workers = nullptr);
  Scratch(Scratch&&) = default;
  Scratch& operator=(Scratch&&) = default;

  // Makes the memory as large as a new Scratch of these arguments would have at least, and shares work among these workers from now on.
  // Allocates nothing where it is large enough. Nothing may be taken.
  void prepare(std::size_t floats, Workers* workers = nullptr);

  // Floats that each worker has.
  // The floats that each worker has.
  std::size_t capacity() const { return memory_.size(); }
  // How many workers share the work; 1 without any.
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
    // Begins where nothing of it is taken beyond what is taken now.
    explicit Frame(Scratch& scratch) : scratch_(scratch), mark_(scratch.used_) {}
    Frame(const Frame&) = delete;
    Frame& operator=(const Frame&) = delete;
    ~Frame() { scratch_.used_ = mark_; }

    // Begins at a multiple of 64 bytes. Throws Error if there is not so much left.
    float* take(std::size_t floats) { return scratch_.take(floats); }
    template <Shape S>
    MutableView<S> take(Shape shape) {
      return {take(static_cast<std::size_t>(shape.size())), shape};
    }

   private:
    Scratch& scratch_;
    std::size_t mark_;
  };

  // work(job, scratch) for the jobs 0, 1, ..., which are alike and can themselves be shared out. The largest multiple of the worker count
  // is dealt out, one job per worker at a time; each job left over is run by all workers together.
  template <class Work>
  void share(std::ptrdiff_t jobs, const Work& work) {
    share_jobs(jobs, {&work, [](const void* self, std::ptrdiff_t job, std::ptrdiff_t, Scratch& own) {
                        (*static_cast<const Work*>(self))(job, own);
                      }});
  }

  // work(first, count, scratch) for ranges that make up [0, n) and begin at multiples of `step`. Each worker is dealt several ranges; if
  // one worker is delayed, the others take its remaining ranges.
  template <class Work>
  void split(std::ptrdiff_t n, std::ptrdiff_t step, const Work& work, int ranges_each = 4) {
    split_range(n, step,
                {&work, [](const void* self, std::ptrdiff_t first, std::ptrdiff_t count,
                           Scratch& own) { (*static_cast<const Work*>(self))(first, count, own); }},
                ranges_each);
  }

 private:
  // A function of a range and a Scratch, whatever its type: what divides the work is compiled once.
  struct Task {
    const void* self;
    void (*call)(const void* self, std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own);
    void operator()(std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) const { call(self, first, count, own); }
  };
  struct Ranges;
  void share_jobs(std::ptrdiff_t jobs, const Task& task);
  void split_range(std::ptrdiff_t n, std::ptrdiff_t step, const Task& task, int ranges_each);
  void run(const Ranges& ranges, std::ptrdiff_t count);
  float* take(std::size_t floats);

  Buffer memory_;
  std::size_t used_ = 0;
  Workers* workers_ = nullptr;
  std::vector<Scratch> others_;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/core/scratch_inl.hpp"
#endif
