// SPDX-License-Identifier: MIT
#pragma once

// Images through a network, in order: some threads read and decode ahead while others compute.
//
//     Pipeline pipeline(images, *model, {.threads = 2});
//     for (Answer answer; pipeline.next(answer);) ...          // in the order of the list

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "image_list.hpp"
#include "tessera/any/any_model.hpp"
#include "tessera/threads/thread_pool_workers.hpp"

// What became of one image.
struct Answer {
  std::string path;
  tessera::AnyTensor values{tessera::Shape{1, 1, 1}};  // what the network gave
  std::string error{};                                 // why there are no values
  std::vector<std::string> warnings{};                 // damage that was passed over
  double decode_seconds = 0, compute_seconds = 0;
};

// What is computed of a prepared image.
using Compute = std::function<tessera::AnyTensor(const tessera::AnyModel&, const tessera::AnyTensor&, tessera::Workers*)>;

inline tessera::AnyTensor compute_scores(const tessera::AnyModel& model, const tessera::AnyTensor& x, tessera::Workers* workers) {
  return workers == nullptr ? model.scores(x) : model.scores(x, *workers);
}

struct PipelineOptions {
  int threads = 1;  // that compute; as many others decode
  int batch = 0;    // images that are computed at the same time; 0: as many as threads. What is left of the threads shares an image.
  tessera::ImageOptions image{};
  bool lenient_in_folders = true;  // damage that other programs pass over is a warning where the image was not named on its own
  Compute compute = compute_scores;
};

// Set by Ctrl-C while a StopOnInterrupt lives: begin nothing new.
inline volatile std::sig_atomic_t stop_requested = 0;

// The first Ctrl-C asks the program to stop in good order, the second ends it at once.
class StopOnInterrupt {
 public:
  StopOnInterrupt() {
    struct sigaction action{};
    action.sa_handler = [](int) { stop_requested = 1; };
    action.sa_flags = SA_RESETHAND;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
  }
};

class Pipeline {
 public:
  Pipeline(ImageList& images, const tessera::AnyModel& model, PipelineOptions options)
      : images_(images), model_(model), options_(std::move(options)) {
    const int threads = std::max(options_.threads, 1);
    int lanes = options_.batch == 0 ? threads : std::min(options_.batch, threads);
    // Few images: each gets more threads.
    if (const auto count = images.count(); count && *count < static_cast<std::size_t>(lanes)) lanes = std::max(static_cast<int>(*count), 1);
    slots_.resize(static_cast<std::size_t>(4 * threads + 8));
    for (int lane = 0; lane < lanes; ++lane) {
      const int share = threads / lanes + (lane < threads % lanes ? 1 : 0);
      workers_.push_back(share > 1 ? std::make_unique<tessera::ThreadPoolWorkers>(share) : nullptr);
    }
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { decode_images(); });
    for (int lane = 0; lane < lanes; ++lane)
      threads_.emplace_back([this, lane] { compute_images(workers_[static_cast<std::size_t>(lane)].get()); });
  }
  Pipeline(const Pipeline&) = delete;
  Pipeline& operator=(const Pipeline&) = delete;
  ~Pipeline() {
    {
      const std::lock_guard lock(mutex_);
      given_up_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  // The next answer in the order of the list. False at the end, or when a stop was requested and what had been begun is done.
  bool next(Answer& out) {
    std::unique_lock lock(mutex_);
    while (true) {
      Slot& slot = slot_of(given_);
      if (given_ < listed_ && slot.state == State::done) {
        out = std::move(slot.answer);
        slot.state = State::empty;
        ++given_;
        changed_.notify_all();
        return true;
      }
      if (stop_requested != 0 && (given_ == listed_ || slot.state != State::computing)) return false;
      if (all_listed_ && given_ == listed_) return false;
      // A signal wakes nobody up.
      changed_.wait_for(lock, std::chrono::milliseconds(100));
    }
  }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { empty, decoding, decoded, computing, done };
  struct Slot {
    State state = State::empty;
    tessera::AnyTensor x{tessera::Shape{1, 1, 1}};
    Answer answer{};
  };

  Slot& slot_of(std::size_t image) { return slots_[image % slots_.size()]; }
  static double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

  void decode_images() {
    while (true) {
      ImageSource source;
      std::size_t number = 0;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return given_up_ || all_listed_ || (!listing_ && listed_ < given_ + slots_.size()); });
        if (given_up_ || all_listed_) return;
        listing_ = true;  // one thread at a time asks for the next image, which may wait for a pipe
        lock.unlock();
        const bool found = stop_requested == 0 && images_.next(source);
        lock.lock();
        listing_ = false;
        if (!found) {
          all_listed_ = true;
          changed_.notify_all();
          return;
        }
        number = listed_++;
        slot_of(number).state = State::decoding;
        changed_.notify_all();
      }
      Answer answer{.path = source.path};
      tessera::AnyTensor x{tessera::Shape{1, 1, 1}};
      const auto start = Clock::now();
      try {
        tessera::ImageOptions how = options_.image;
        how.lenient = how.lenient || (options_.lenient_in_folders && (source.found_in_folder || source.in_memory));
        how.warnings = &answer.warnings;
        x = model_.preprocess(decode(source, how));
      } catch (const std::exception& error) {
        answer.error = error.what();
      }
      answer.decode_seconds = seconds_since(start);
      const std::lock_guard lock(mutex_);
      Slot& slot = slot_of(number);
      slot.x = std::move(x);
      slot.state = answer.error.empty() ? State::decoded : State::done;
      slot.answer = std::move(answer);
      changed_.notify_all();
    }
  }

  void compute_images(tessera::Workers* workers) {
    std::unique_lock lock(mutex_);
    while (true) {
      // The first image that is decoded, so that answers are not kept waiting.
      Slot* slot = nullptr;
      for (std::size_t i = given_; i < listed_ && slot == nullptr; ++i)
        if (slot_of(i).state == State::decoded) slot = &slot_of(i);
      if (given_up_ || stop_requested != 0 || (slot == nullptr && all_listed_ && all_decoded())) return;
      if (slot == nullptr) {
        changed_.wait_for(lock, std::chrono::milliseconds(100));
        continue;
      }
      slot->state = State::computing;
      lock.unlock();
      const auto start = Clock::now();
      try {
        slot->answer.values = options_.compute(model_, slot->x, workers);
      } catch (const std::exception& error) {
        slot->answer.error = error.what();
      }
      slot->answer.compute_seconds = seconds_since(start);
      lock.lock();
      slot->state = State::done;
      changed_.notify_all();
    }
  }

  bool all_decoded() {
    for (std::size_t i = given_; i < listed_; ++i)
      if (slot_of(i).state == State::decoding) return false;
    return true;
  }

  ImageList& images_;
  const tessera::AnyModel& model_;
  PipelineOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;  // image i is in slot i modulo their number
  std::size_t listed_ = 0, given_ = 0;
  bool listing_ = false, all_listed_ = false, given_up_ = false;
  std::vector<std::unique_ptr<tessera::ThreadPoolWorkers>> workers_;
  std::vector<std::thread> threads_;
};
