// SPDX-License-Identifier: MIT
#pragma once

// Workers: threads that run the numbered jobs of one piece of work together. The library asks for no more than this interface, so that
// whoever has no threads includes none. ThreadPoolWorkers (threads/thread_pool_workers.hpp) is the implementation on Eigen's thread pools.

#include <cstddef>

#include "tessera/core/compiled.hpp"

namespace tessera {

class Workers {
 public:
  // Runs one job. worker is in [0, count()); two jobs that run at the same time have different workers. Must not throw.
  using Job = void (*)(const void* context, std::ptrdiff_t job, int worker);

  // How many workers, with the caller.
  virtual int count() const = 0;
  // Runs jobs 0, 1, ..., in any order, and returns when all are done. The caller is worker 0. Allocates nothing.
  virtual void run(std::ptrdiff_t jobs, Job job, const void* context) = 0;

 protected:
  ~Workers() = default;
};

}  // namespace tessera
