// SPDX-License-Identifier: MIT
#pragma once

// A line on the standard error that shows how far the program is. Shows nothing unless that is a terminal.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <optional>

class Progress {
  using Clock = std::chrono::steady_clock;

 public:
  // `total` images if that is known.
  explicit Progress(std::optional<std::size_t> total) : total_(total), shown_(::isatty(STDERR_FILENO) == 1) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // One image more is done.
  void step() {
    ++done_;
    const auto now = Clock::now();
    if (!shown_ || now < last_ + std::chrono::milliseconds(200)) return;
    last_ = now;
    const double rate = images_per_second();
    if (total_) {
      const double left = static_cast<double>(*total_ - std::min(done_, *total_)) / rate;
      std::fprintf(stderr, "\r%zu of %zu images, %.1f images/s, %d:%02d left \033[K", done_, *total_, rate, static_cast<int>(left) / 60,
                   static_cast<int>(left) % 60);
    } else {
      std::fprintf(stderr, "\r%zu images, %.1f images/s \033[K", done_, rate);
    }
    visible_ = true;
  }

  // Takes the line away, before something else is written on the terminal.
  void clear() {
    if (visible_) std::fputs("\r\033[K", stderr);
    visible_ = false;
  }

  std::size_t done() const { return done_; }
  double images_per_second() const {
    return static_cast<double>(done_) / std::max(std::chrono::duration<double>(Clock::now() - start_).count(), 1e-9);
  }

 private:
  std::optional<std::size_t> total_;
  bool shown_, visible_ = false;
  std::size_t done_ = 0;
  Clock::time_point start_ = Clock::now(), last_ = start_;
};
