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
// Every worker is dealt neighbouring jobs. It takes them from the front, and when it has none left, from the back of the others'. So it
// meets the same rows of an image in one piece of work after the other, and finds them in its own cache. Helpers look for jobs all the
// time and would find the caller's first: no worker takes another's jobs of a turn before its own are dealt and done.
//
// A worker's jobs are one atomic number, (turn, first, end). What the jobs are changes only while none is left, and the compare-and-swap
// that takes one succeeds only in the turn in which they were read: a late helper never runs an old job. No helper is waited for unless
// it is in the middle of a job: a pool that is busy with something else costs speed, not progress. Where the operating system stops
// helpers in the middle of jobs, they take part in some of the turns only (threads/crowding.hpp).

#if defined(__wasm__) && !defined(_REENTRANT)
#error "Tessera: ThreadPoolWorkers needs threads, which WebAssembly has with -pthread. Everything else works without them."
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "tessera/core/eigen.hpp"
#include "tessera/core/workers.hpp"
#include "tessera/threads/available_cpus.hpp"
#include "tessera/threads/crowding.hpp"
// After tessera/core/eigen.hpp. Eigen 5 has it in another place than 3.4.
#if __has_include(<Eigen/ThreadPool>)
#include <Eigen/ThreadPool>
#else
#include <unsupported/Eigen/CXX11/ThreadPool>
#endif

namespace Eigen {
struct ThreadPoolDevice;  // defined for those who define EIGEN_USE_THREADS before Eigen's Tensor header
}

namespace tessera {

// May be used by several threads; while one of them has the helpers, others run their jobs alone. So do the pool's own threads.
class ThreadPoolWorkers final : public Workers {
  using Clock = std::chrono::steady_clock;

 public:
  // What threads do that the operating system stops in the middle of jobs: they rest most of the time, so that nobody waits for them, or go
  // on as if there were nobody else.
  enum class Stopped { rest, go_on };

  // The caller's thread is one of them. By default as many as the process may use (threads/available_cpus.hpp).
  explicit ThreadPoolWorkers(int threads = available_cpus(), Stopped stopped = Stopped::rest)
      : ThreadPoolWorkers(threads > 1 ? std::make_unique<Eigen::ThreadPool>(threads - 1) : nullptr, threads) {
    stopped_ = stopped;
  }
  // As many workers as the device has threads. The device is not owned.
  template <std::same_as<Eigen::ThreadPoolDevice> Device>
  explicit ThreadPoolWorkers(const Device& device) : ThreadPoolWorkers(device.getPool(), device.numThreads()) {}

  ThreadPoolWorkers(const ThreadPoolWorkers&) = delete;
  ThreadPoolWorkers& operator=(const ThreadPoolWorkers&) = delete;
  ~ThreadPoolWorkers() {
    for (const Helper& helper : helpers_)
      while (helper.state != State::away) std::this_thread::yield();
  }

  // How many, with the caller's thread.
  int count() const override { return 1 + static_cast<int>(helpers_.size()); }

  void run(std::ptrdiff_t jobs, Job job, const void* context) override {
    if (jobs < 2 || helpers_.empty() || pool_->CurrentThreadId() >= 0 || busy_.exchange(true)) return run_alone(jobs, job, context);
    if (stopped_ == Stopped::rest && !crowding_.shared(Clock::now())) {
      run_alone(jobs, job, context);
      busy_ = false;
      return;
    }
    jobs_ = jobs;
    job_ = job;
    context_ = context;
    // Jobs are dealt in bundles, of one job unless they are very many.
    bundle_ = jobs / most_bundles + 1;
    const std::ptrdiff_t bundles = (jobs + bundle_ - 1) / bundle_, hands = std::min<std::ptrdiff_t>(bundles, count());
    done_ = 0;
    callers_mean_ = helpers_mean_ = Clock::duration::zero();
    ++turn_;
    // The helpers' first, who wait for them. Whoever has no jobs in this turn is dealt an empty hand, and may take others'.
    for (std::ptrdiff_t hand = count() - 1; hand >= 0; --hand) {
      const std::ptrdiff_t first = std::min(hand, hands) * bundles / hands, end = std::min(hand + 1, hands) * bundles / hands;
      hands_[static_cast<std::size_t>(hand)].bundles = Range{turn_, first, end}.packed();
    }
    std::ptrdiff_t wanted = hands - 1;
    for (Helper& helper : helpers_)
      if (wanted-- > 0 && helper.state.exchange(State::called) == State::away) pool_->Schedule([this, &helper] { help(helper); });
    take_jobs(0, Clock::now());
    auto now = Clock::now();
    for (const auto start = now; done_ < bundles; now = Clock::now())
      if (now > start + patience) std::this_thread::yield();
    crowding_.report(now, callers_mean_, helpers_mean_);
    busy_ = false;
  }

 private:
  // How long helpers look for jobs, and how long they are waited for before the processor is offered to other threads.
  static constexpr std::chrono::microseconds patience{200};
  static constexpr std::ptrdiff_t most_bundles = (1 << 16) - 1;

  // Bundles [first, end) of a turn.
  struct Range {
    std::uint32_t turn;
    std::ptrdiff_t first, end;

    Range(std::uint32_t in, std::ptrdiff_t begin, std::ptrdiff_t behind) : turn(in), first(begin), end(behind) {}
    explicit Range(std::uint64_t number)
        : turn(static_cast<std::uint32_t>(number >> 32)), first(number >> 16 & most_bundles), end(number & most_bundles) {}
    std::uint64_t packed() const { return std::uint64_t{turn} << 32 | static_cast<std::uint64_t>(first << 16 | end); }
  };
  struct alignas(64) Hand {
    std::atomic<std::uint64_t> bundles{0};
  };

  // A helper is away when it is not scheduled, called when it is wanted, and here when it has looked, or is about to look, for the jobs of
  // its last call. It goes away only from here: no call is lost.
  enum class State { away, called, here };
  struct Helper {
    std::atomic<State> state{State::away};
  };

  ThreadPoolWorkers(std::unique_ptr<Eigen::ThreadPool> pool, int threads) : ThreadPoolWorkers(pool.get(), threads) {
    own_pool_ = std::move(pool);
  }
  ThreadPoolWorkers(Eigen::ThreadPoolInterface* pool, int threads)
      : pool_(pool), helpers_(static_cast<std::size_t>(std::max(threads, 1) - 1)), hands_(helpers_.size() + 1) {}

  static void run_alone(std::ptrdiff_t jobs, Job job, const void* context) {
    for (std::ptrdiff_t number = 0; number < jobs; ++number) job(context, number, 0);
  }

  void help(Helper& helper) {
    const int worker = 1 + static_cast<int>(&helper - helpers_.data());
    State expected;
    do {
      helper.state = expected = State::here;
      auto now = Clock::now();
      for (auto last = now; now < last + patience && !crowding_.resting(); now = Clock::now())
        if (take_jobs(worker, now)) last = Clock::now();
    } while (!helper.state.compare_exchange_strong(expected, State::away));
  }

  // Runs jobs until none is left; whether there was one. It is `start` now.
  bool take_jobs(int worker, Clock::time_point start) {
    std::ptrdiff_t taken = 0;
    for (int next = 0; next < count(); ++next)
      while (take_one((worker + next) % count(), worker)) ++taken;
    if (taken == 0) return false;
    const Clock::duration mean = (Clock::now() - start) / taken;
    std::atomic<Clock::duration>& longest = worker == 0 ? callers_mean_ : helpers_mean_;
    for (Clock::duration known = longest; known < mean && !longest.compare_exchange_weak(known, mean);) {
    }
    done_ += taken;
    return true;
  }

  // Runs a bundle of the jobs in a worker's hand, if there is one.
  bool take_one(int from, int worker) {
    std::atomic<std::uint64_t>& bundles = hands_[static_cast<std::size_t>(from)].bundles;
    for (std::uint64_t number = bundles;;) {
      const Job job = job_;
      const void* const context = context_;
      const std::ptrdiff_t jobs = jobs_, bundle = bundle_;
      Range left(number);
      if (left.first == left.end) return false;
      if (from != worker) {
        const Range own(hands_[static_cast<std::size_t>(worker)].bundles);
        if (own.turn != left.turn || own.first != own.end) return false;
      }
      const std::ptrdiff_t taken = from == worker ? left.first++ : --left.end;
      if (!bundles.compare_exchange_weak(number, left.packed())) continue;
      for (std::ptrdiff_t n = taken * bundle; n < std::min(jobs, (taken + 1) * bundle); ++n) job(context, n, worker);
      return true;
    }
  }

  Eigen::ThreadPoolInterface* pool_;
  std::vector<Helper> helpers_;
  std::vector<Hand> hands_;
  std::uint32_t turn_ = 0;
  std::atomic<std::ptrdiff_t> jobs_{0}, bundle_{1};
  std::atomic<Job> job_{nullptr};
  std::atomic<const void*> context_{nullptr};
  alignas(64) std::atomic<std::ptrdiff_t> done_{0};
  // The longest mean time of a job in this turn, before done_ counts the jobs.
  std::atomic<Clock::duration> callers_mean_{}, helpers_mean_{};
  std::atomic<bool> busy_{false};
  detail::Crowding crowding_;
  Stopped stopped_ = Stopped::rest;
  std::unique_ptr<Eigen::ThreadPool> own_pool_;
};

}  // namespace tessera
