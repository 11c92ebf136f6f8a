// SPDX-License-Identifier: MIT
#pragma once

// Workers on Eigen's thread pools: a pool of their own, or the one of a caller's Eigen::ThreadPoolDevice.
//
//     tessera::ThreadPoolWorkers workers(4);                   // the calling thread and three others
//     tessera::Scratch scratch = model.make_scratch(workers);
//     model.forward(images, scores, scratch);
//
// A forward pass has a hundred or more pieces of work of 20 to 500 µs each, and waking up a thread takes 5 to 50 µs. So a helper is
// scheduled on the pool once; it then looks for jobs until there have been none for a while, and gives its thread back to the pool.
//
// Jobs are handed out by one atomic ticket, (turn, jobs left). What the jobs are changes only while none is left, and the
// compare-and-swap that takes one succeeds only in the turn in which they were read: a late helper never runs an old job. No helper is
// waited for unless it is in the middle of a job: a pool that is busy with something else costs speed, not progress.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <thread>
#include <unsupported/Eigen/CXX11/ThreadPool>
#include <vector>

#include "tessera/core/workers.hpp"

namespace Eigen {
struct ThreadPoolDevice;  // defined for those who define EIGEN_USE_THREADS in front of Eigen's Tensor header
}

namespace tessera {

// May be used by several threads; while one of them has the helpers, others run their jobs alone. So do the pool's own threads.
class ThreadPoolWorkers final : public Workers {
  using Clock = std::chrono::steady_clock;

 public:
  explicit ThreadPoolWorkers(int threads = static_cast<int>(std::thread::hardware_concurrency()))
      : ThreadPoolWorkers(threads > 1 ? std::make_unique<Eigen::ThreadPool>(threads - 1) : nullptr, threads) {}
  // As many workers as the device has threads. The device is not owned.
  template <std::same_as<Eigen::ThreadPoolDevice> Device>
  explicit ThreadPoolWorkers(const Device& device) : ThreadPoolWorkers(device.getPool(), device.numThreads()) {}

  ThreadPoolWorkers(const ThreadPoolWorkers&) = delete;
  ThreadPoolWorkers& operator=(const ThreadPoolWorkers&) = delete;
  ~ThreadPoolWorkers() {
    for (const Helper& helper : helpers_)
      while (helper.called.load()) std::this_thread::yield();
  }

  int count() const override { return 1 + static_cast<int>(helpers_.size()); }

  void run(std::ptrdiff_t jobs, Job job, const void* context) override {
    if (helpers_.empty() || pool_->CurrentThreadId() >= 0 || busy_.exchange(true)) {
      for (std::ptrdiff_t number = 0; number < jobs; ++number) job(context, number, 0);
      return;
    }
    jobs_ = jobs;
    job_ = job;
    context_ = context;
    done_ = 0;
    ticket_ = ticket_ + one_turn + static_cast<std::uint64_t>(jobs);
    std::ptrdiff_t wanted = jobs - 1;
    for (Helper& helper : helpers_)
      if (wanted-- > 0 && !helper.called.exchange(true)) pool_->Schedule([this, &helper] { help(helper); });
    take_jobs(0);
    for (const auto start = Clock::now(); done_ < jobs;)
      if (Clock::now() > start + patience) std::this_thread::yield();
    busy_ = false;
  }

 private:
  // How long helpers look for jobs, and how long they are waited for before the processor is offered to other threads.
  static constexpr std::chrono::microseconds patience{200};
  static constexpr std::uint64_t one_turn = std::uint64_t{1} << 32;

  struct Helper {
    std::atomic<bool> called{false};  // from its scheduling to the end of help()
  };

  ThreadPoolWorkers(std::unique_ptr<Eigen::ThreadPool> pool, int threads) : ThreadPoolWorkers(pool.get(), threads) {
    own_pool_ = std::move(pool);
  }
  ThreadPoolWorkers(Eigen::ThreadPoolInterface* pool, int threads)
      : pool_(pool), helpers_(static_cast<std::size_t>(std::max(threads, 1) - 1)) {}

  void help(Helper& helper) {
    const int worker = 1 + static_cast<int>(&helper - helpers_.data());
    for (auto last = Clock::now(); Clock::now() < last + patience;)
      if (take_jobs(worker)) last = Clock::now();
    helper.called = false;
  }

  // Runs jobs until none is left; whether there was one.
  bool take_jobs(int worker) {
    bool any = false;
    for (std::uint64_t ticket = ticket_;;) {
      const Job job = job_;
      const void* const context = context_;
      const auto left = static_cast<std::ptrdiff_t>(ticket % one_turn);
      const std::ptrdiff_t number = jobs_ - left;
      if (left == 0) return any;
      if (!ticket_.compare_exchange_weak(ticket, ticket - 1)) continue;
      job(context, number, worker);
      ++done_;
      any = true;
      ticket = ticket_;
    }
  }

  Eigen::ThreadPoolInterface* pool_;
  std::vector<Helper> helpers_;
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  std::atomic<std::ptrdiff_t> jobs_{0};
  std::atomic<Job> job_{nullptr};
  std::atomic<const void*> context_{nullptr};
  alignas(64) std::atomic<std::ptrdiff_t> done_{0};
  std::atomic<bool> busy_{false};
  std::unique_ptr<Eigen::ThreadPool> own_pool_;
};

}  // namespace tessera
