// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/any/any_model.hpp"
#include "tessera/core/nearest.hpp"
#include "tessera/vision/preprocess.hpp"

namespace tessera {

// Working memory for one call, which goes back when the call ends.
class AnyModel::Borrowed {
 public:
  Borrowed(const AnyModel& model, Shape image, Workers* workers)
      : model_(model), idle_{workers, take(model, model.runner_->scratch_floats(image), workers)} {}
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  ~Borrowed() {
    // As many as are in use at the same time, but not more than this.
    constexpr std::size_t most = 64;
    const std::lock_guard lock(model_.mutex_);
    if (model_.idle_.size() < most) model_.idle_.push_back(std::move(idle_));
  }

  Scratch& scratch() { return idle_.scratch; }

 private:
  static Scratch take(const AnyModel& model, std::size_t floats, Workers* workers) {
    {
      const std::lock_guard lock(model.mutex_);
      for (auto idle = model.idle_.begin(); idle != model.idle_.end(); ++idle) {
        const bool fits = idle->workers == workers && idle->scratch.capacity() >= floats &&
                          idle->scratch.workers() == (workers == nullptr ? 1 : workers->count());
        if (!fits) continue;
        Scratch found = std::move(idle->scratch);
        model.idle_.erase(idle);
        return found;
      }
    }
    return Scratch(floats, workers);
  }

  const AnyModel& model_;
  Idle idle_;
};

TESSERA_INLINE void AnyModel::check(Shape image) const {
  if (!accepts(input(), image)) detail::fail(facts_.name, ": found an image of ", image, ", expected ", input());
}

TESSERA_INLINE AnyTensor AnyModel::preprocess(const Image& image) const {
  const Preprocessing& how = facts_.preprocessing;
  const bool fixed = input().fixed();
  AnyTensor x(fixed ? input() : Shape{image.height(), image.width(), input().channels});
  if (fixed)
    detail::preprocess_into(image, how, {x.data(), x.shape()});
  else
    detail::normalize_into(image, how.mean, how.deviation, {x.data(), x.shape()});
  return x;
}

TESSERA_INLINE AnyTensor AnyModel::run(View<any_shape> x, Workers* workers, Observer* observer) const {
  check(x.shape());
  AnyTensor y(runner_->output_shape(x.shape()));
  Borrowed memory(*this, x.shape(), workers);
  runner_->run(x.data(), x.shape(), y.data(), memory.scratch(), observer);
  return y;
}

TESSERA_INLINE AnyBatch AnyModel::run(const AnyBatch& x, Workers* workers) const {
  check(x.shape());
  AnyBatch y(x.count(), runner_->output_shape(x.shape()));
  Borrowed memory(*this, x.shape(), workers);
  memory.scratch().share(x.count(), [&](std::ptrdiff_t job, Scratch& own) {
    const int image = static_cast<int>(job);
    runner_->run(x[image].data(), x.shape(), y[image].data(), own, nullptr);
  });
  return y;
}

TESSERA_INLINE AnyTensor AnyModel::scores(View<any_shape> x) const { return run(x, nullptr, nullptr); }
TESSERA_INLINE AnyTensor AnyModel::scores(View<any_shape> x, Workers& workers) const { return run(x, &workers, nullptr); }
TESSERA_INLINE AnyBatch AnyModel::scores(const AnyBatch& x) const { return run(x, nullptr); }
TESSERA_INLINE AnyBatch AnyModel::scores(const AnyBatch& x, Workers& workers) const { return run(x, &workers); }
TESSERA_INLINE AnyTensor AnyModel::observe(View<any_shape> x, Observer& observer) const { return run(x, nullptr, &observer); }

namespace detail {

// Keeps the result of one name, and all names.
class OneIntermediate final : public Observer {
 public:
  explicit OneIntermediate(std::string_view name) : name_(name) {}
  void see(std::string_view name, Shape shape, const float* x) override {
    names.emplace_back(name);
    if (name != name_ || !found.empty()) return;
    found.push_back(AnyTensor(shape));
    std::copy_n(x, shape.size(), found[0].data());
  }
  std::vector<std::string> names;
  std::vector<AnyTensor> found;  // one or none

 private:
  std::string_view name_;
};

}  // namespace detail

TESSERA_INLINE AnyTensor AnyModel::intermediate(View<any_shape> x, std::string_view name) const {
  detail::OneIntermediate observer(name);
  observe(x, observer);
  if (!observer.found.empty()) return std::move(observer.found[0]);
  const std::vector<std::string_view> known(observer.names.begin(), observer.names.end());
  detail::fail(facts_.name, ": found no intermediate result ", detail::quote(name), detail::did_you_mean(name, known));
}

TESSERA_INLINE std::vector<std::string> AnyModel::intermediates(Shape image) const {
  if (!image.fixed())
    detail::fail(facts_.name, ": found no size of the image, expected one, because the network takes images of any size");
  detail::OneIntermediate observer("");
  const AnyTensor x(image);
  observe(x, observer);
  return std::move(observer.names);
}

}  // namespace tessera
