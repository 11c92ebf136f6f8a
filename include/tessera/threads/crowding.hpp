// SPDX-License-Identifier: MIT
#pragma once

// Crowding decides in which turns (pieces of work) the helpers of a pool take part, so that two threads are not slower than one where
// another process keeps one of the processors busy. There, the operating system stops a helper for several milliseconds, mostly in the
// middle of a job, and everybody waits for that job. A helper that works for less than a time slice and then sleeps is seldom stopped.
//
//     stopped    the mean job of one side took more than four times as long as that of the other side, and more than 0.8 ms
//     crowded    for a time after that; at first 20 ms, and twice as long as before where the next stop follows soon
//     meanwhile  helpers take part for 0.7 ms, and then rest for 2.1 ms, in which the caller works alone

#include <algorithm>
#include <atomic>
#include <chrono>

namespace tessera::detail {

class Crowding {
 public:
  using Clock = std::chrono::steady_clock;
  using Duration = Clock::duration;

  // Whether the helpers take part in the turn that begins now. For the caller's thread.
  bool shared(Clock::time_point now) {
    bool yes = true;
    if (now < crowded_until_ && now >= work_until_) {
      yes = now >= work_until_ + rest;
      if (yes) work_until_ = now + work;
    }
    if (resting_ == yes) resting_ = !yes;
    return yes;
  }
  // How long the mean job took at the end of a shared turn, for the caller and for the slowest helper. 0 for a side without jobs.
  void report(Clock::time_point now, Duration caller, Duration helper) {
    if (caller.count() == 0 || helper.count() == 0) return;
    const auto [shorter, longer] = std::minmax(caller, helper);
    if (longer < std::max(4 * shorter, noticed)) return;
    if (now >= crowded_until_) {
      length_ = now < crowded_until_ + soon ? std::min(2 * length_, longest) : shortest;
      crowded_until_ = now + length_;
    }
    work_until_ = now;
  }
  // Whether a helper without jobs may sleep at once. For any thread.
  bool resting() const { return resting_; }

  static constexpr Duration noticed = std::chrono::microseconds(800), work = std::chrono::microseconds(700),
                            rest = std::chrono::microseconds(2100), shortest = std::chrono::milliseconds(20),
                            longest = std::chrono::seconds(2), soon = std::chrono::milliseconds(100);

 private:
  Clock::time_point crowded_until_{}, work_until_{};
  Duration length_ = shortest;
  std::atomic<bool> resting_{false};
};

}  // namespace tessera::detail
