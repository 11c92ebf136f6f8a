// SPDX-License-Identifier: MIT
#pragma once

// What a forward and backward pass over a batch needs besides the layers: workers, memory, and the numbers that random choices depend on.
//
// The images of a batch are divided into groups, whose number depends on the batch alone. Each group sums its gradients on its own, and the
// sums of the groups are added in order. So the result has the same bits for any number of threads.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/scratch.hpp"

namespace tessera::detail {

class TrainingPass {
 public:
  static constexpr std::ptrdiff_t most_groups = 8;

  // Memory for `scratch_floats` floats a worker. Workers are not owned; null stands for the calling thread alone.
  TrainingPass(std::size_t scratch_floats, Workers* workers) : scratch_(scratch_floats, workers) {}

  // Of the batch that is computed.
  std::ptrdiff_t images = 0;
  std::uint32_t step = 0;
  std::uint64_t seed = 0;

  std::ptrdiff_t groups() const { return std::min(images, most_groups); }

  // work(group, first image, images, scratch of the worker) for all groups.
  template <class Work>
  void for_groups(const Work& work) {
    const std::ptrdiff_t n = groups();
    scratch_.split(n, 1, [&](std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      for (std::ptrdiff_t g = first; g < first + count; ++g) {
        const std::ptrdiff_t begin = g * images / n, end = (g + 1) * images / n;
        work(g, begin, end - begin, own);
      }
    });
  }
  // work(image, scratch of the worker) for all images.
  template <class Work>
  void for_images(const Work& work) {
    for_groups([&](std::ptrdiff_t, std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      for (std::ptrdiff_t image = first; image < first + count; ++image) work(image, own);
    });
  }

  // Memory that is given back at the end of its life, and lent again. Its contents are undefined.
  class Loan {
   public:
    Loan(TrainingPass& pass, std::ptrdiff_t floats) : pass_(pass), buffer_(pass.take(static_cast<std::size_t>(floats))) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { pass_.free_.push_back(std::move(buffer_)); }
    float* data() { return buffer_.data(); }

   private:
    TrainingPass& pass_;
    Buffer buffer_;
  };

  // Gradients of `floats` numbers, summed in groups: work(group, first image, images, sums, scratch) adds to sums, which begin with zeros.
  // The total goes to `total`.
  template <class Work>
  void sum_over_groups(std::ptrdiff_t floats, float* total, const Work& work) {
    Loan sums(*this, groups() * floats);
    for_groups([&](std::ptrdiff_t group, std::ptrdiff_t first, std::ptrdiff_t count, Scratch& own) {
      float* const part = sums.data() + group * floats;
      std::fill_n(part, floats, 0.0F);
      work(first, count, part, own);
    });
    std::copy_n(sums.data(), floats, total);
    for (std::ptrdiff_t group = 1; group < groups(); ++group) {
      const float* const part = sums.data() + group * floats;
      for (std::ptrdiff_t i = 0; i < floats; ++i) total[i] += part[i];
    }
  }

 private:
  // The smallest free buffer that is large enough, unless it is more than twice as large.
  Buffer take(std::size_t floats) {
    auto best = free_.end();
    for (auto it = free_.begin(); it != free_.end(); ++it)
      if (it->size() >= floats && it->size() <= 2 * floats && (best == free_.end() || it->size() < best->size())) best = it;
    if (best == free_.end()) return Buffer::unfilled(floats);
    Buffer buffer = std::move(*best);
    free_.erase(best);
    return buffer;
  }

  Scratch scratch_;
  std::vector<Buffer> free_;
};

// Memory that stays with a layer from the forward to the backward pass.
inline float* kept(Buffer& buffer, std::ptrdiff_t floats) {
  if (buffer.size() < static_cast<std::size_t>(floats)) buffer = Buffer::unfilled(static_cast<std::size_t>(floats));
  return buffer.data();
}

}  // namespace tessera::detail
