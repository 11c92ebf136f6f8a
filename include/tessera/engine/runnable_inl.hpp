// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/engine/runnable.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/core/nearest.hpp"

namespace tessera {
namespace detail {

TESSERA_INLINE Scratch& kept_scratch() {
  thread_local Scratch scratch;
  return scratch;
}

// The calling thread's memory, taken away for the time being: an observer may run a model itself.
class ThreadScratch {
 public:
  ThreadScratch(const Runnable& program, Shape image, Workers* workers) : scratch_(std::move(kept_scratch())) {
    const PassSizes sizes = program.sizes(image);
    scratch_.prepare(2 * sizes.flow + sizes.steps, workers);
  }
  ThreadScratch(const ThreadScratch&) = delete;
  ThreadScratch& operator=(const ThreadScratch&) = delete;
  ~ThreadScratch() {
    if (kept_scratch().capacity() < scratch_.capacity()) kept_scratch() = std::move(scratch_);
  }
  Scratch& get() { return scratch_; }

 private:
  Scratch scratch_;
};

TESSERA_COLD_INLINE void fail_image(Shape found, Shape expected) {
  fail("Model: found an image of shape ", found, ", expected ", expected);
}

TESSERA_COLD_INLINE void fail_name(std::string_view name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  fail("Model: found no intermediate result ", quote(name), did_you_mean(name, names));
}

TESSERA_INLINE void check_image(const Runnable& program, Shape image) {
  if (!accepts(program.input(), image)) fail_image(image, program.input());
}

TESSERA_INLINE void check_room(const PassSizes& sizes, Shape y, const Scratch& scratch) {
  if (y != sizes.output) fail("Model: found room for ", y, ", expected ", sizes.output);
  const std::size_t floats = 2 * sizes.flow + sizes.steps;
  if (scratch.capacity() < floats) fail("Model: found a Scratch of ", scratch.capacity(), " floats, expected ", floats);
}

TESSERA_INLINE void run_image(const Runnable& program, const Images& x, const MutableImages& y, Scratch& scratch, Observer* observer) {
  check_image(program, x.shape);
  const PassSizes sizes = program.sizes(x.shape);
  check_room(sizes, y.shape, scratch);
  Scratch::Frame frame(scratch);
  std::optional<Watch> watch;
  if (observer != nullptr) watch.emplace(Watch{*observer, {}});
  Flow flow(x.data, x.shape, frame.take(sizes.flow), frame.take(sizes.flow), watch ? &*watch : nullptr);
  program.run(flow, scratch);
  std::copy_n(flow.x(), y.shape.size(), y.data);
}

TESSERA_INLINE void run_image(const Runnable& program, const Images& x, const MutableImages& y, Workers* workers, Observer* observer) {
  check_image(program, x.shape);
  ThreadScratch scratch(program, x.shape, workers);
  run_image(program, x, y, scratch.get(), observer);
}

// Whatever may be wrong is found before the work is shared out.
TESSERA_INLINE void run_batch(const Runnable& program, const Images& x, const MutableImages& y, Scratch& scratch) {
  if (y.count != x.count) fail("Model: found room for ", y.count, " results, expected ", x.count);
  check_image(program, x.shape);
  check_room(program.sizes(x.shape), y.shape, scratch);
  scratch.share(x.count, [&](std::ptrdiff_t image, Scratch& own) {
    run_image(program, {x.data + image * x.shape.size(), x.shape}, {y.data + image * y.shape.size(), y.shape}, own);
  });
}

TESSERA_INLINE void run_batch(const Runnable& program, const Images& x, const MutableImages& y, Workers* workers) {
  check_image(program, x.shape);
  ThreadScratch scratch(program, x.shape, workers);
  run_batch(program, x, y, scratch.get());
}

// Keeps the results of some names.
class NamedResults final : public Observer {
 public:
  explicit NamedResults(std::span<const std::string_view> names) : names_(names), results_(names.size()) {}
  bool wants(std::string_view name) override { return std::find(names_.begin(), names_.end(), name) != names_.end(); }
  void see(std::string_view name, Shape shape, const float* x) override {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] != name) continue;
      results_[i].emplace(shape);
      std::copy_n(x, shape.size(), results_[i]->data());
    }
  }
  std::vector<Tensor<any_shape>> take() {
    std::vector<Tensor<any_shape>> all;
    for (std::optional<Tensor<any_shape>>& result : results_) all.push_back(std::move(result.value()));
    return all;
  }

 private:
  std::span<const std::string_view> names_;
  std::vector<std::optional<Tensor<any_shape>>> results_;
};

TESSERA_INLINE std::vector<Tensor<any_shape>> run_observed(const Runnable& program, const Images& x,
                                                           std::span<const std::string_view> names) {
  check_image(program, x.shape);
  NamedResults results(names);
  Buffer output(static_cast<std::size_t>(program.sizes(x.shape).output.size()));
  run_image(program, x, {output.data(), program.sizes(x.shape).output}, nullptr, &results);
  return results.take();
}

}  // namespace detail

TESSERA_INLINE void release_thread_memory() { detail::kept_scratch() = Scratch(); }

}  // namespace tessera
