// SPDX-License-Identifier: MIT
#pragma once

// What is trained: a new head on a network that stays as it is. A learner knows its numbers, so that a run can be kept and taken up again.

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tessera/any/any_model.hpp"
#include "tessera/any/save_with_head.hpp"
#include "tessera/threads/thread_pool_workers.hpp"
#include "tessera/train/batch_loader.hpp"
#include "tessera/train/linear_head.hpp"

class Learner {
 public:
  using Named = std::pair<std::string, std::span<float>>;
  virtual ~Learner() = default;

  // Before the first batch: sees all training images once, as prediction sees them.
  virtual void look_at(tessera::BatchLoader& training) = 0;
  // One step of the optimiser. Returns the mean loss of the batch.
  virtual double step(const tessera::TrainingBatch& batch, double rate) = 0;
  // Images × classes, for images that are not augmented.
  virtual std::vector<float> scores(const tessera::TrainingBatch& held_out) = 0;

  // All numbers that training goes on from, and how many steps were made.
  virtual std::vector<Named> state() = 0;
  virtual std::int64_t& steps() = 0;
  // The weights as they are now; and a checkpoint with such weights.
  virtual std::vector<float> weights() = 0;
  virtual void write(std::span<const float> weights, const std::string& path, const tessera::Metadata& metadata) = 0;
};

class HeadLearner final : public Learner {
 public:
  HeadLearner(const tessera::AnyModel& model, const tessera::TensorFile& file, std::string state, int classes, int threads,
              const tessera::LinearHeadOptions& options)
      : model_(model),
        file_(file),
        state_(std::move(state)),
        head_(classes, model.facts().network.head_inputs, options),
        workers_(threads) {}

  void look_at(tessera::BatchLoader& training) override {
    std::vector<float> all;
    training.start(0);
    for (tessera::TrainingBatch batch; training.next(batch);) {
      const std::vector<float> x = features(batch.images);
      all.insert(all.end(), x.begin(), x.end());
    }
    head_.standardize(all);
  }

  double step(const tessera::TrainingBatch& batch, double rate) override { return head_.step(features(batch.images), batch.targets, rate); }

  std::vector<float> scores(const tessera::TrainingBatch& held_out) override {
    std::vector<float>& x = held_out_[held_out.numbers.front()];  // the network does not change: once is enough
    if (x.empty()) x = features(held_out.images);
    std::vector<float> all;
    const auto c = static_cast<std::size_t>(head_.features());
    for (std::size_t i = 0; i < held_out.numbers.size(); ++i) {
      const std::vector<float> y = head_.scores(std::span(x).subspan(i * c, c));
      all.insert(all.end(), y.begin(), y.end());
    }
    return all;
  }

  std::vector<Named> state() override {
    tessera::LinearHead::State& s = head_.state();
    return {{"weight", s.weight},
            {"bias", s.bias},
            {"weight_mean", s.weight_mean},
            {"weight_square", s.weight_square},
            {"bias_mean", s.bias_mean},
            {"bias_square", s.bias_square},
            {"mean", s.mean},
            {"deviation", s.deviation}};
  }
  std::int64_t& steps() override { return head_.state().steps; }

  std::vector<float> weights() override {
    tessera::LinearHead::Plain plain = head_.plain();
    plain.weight.insert(plain.weight.end(), plain.bias.begin(), plain.bias.end());
    return plain.weight;
  }
  void write(std::span<const float> weights, const std::string& path, const tessera::Metadata& metadata) override {
    const auto classes = static_cast<std::size_t>(head_.classes());
    tessera::save_with_head(model_, file_, {weights.first(weights.size() - classes), weights.last(classes)}, path, metadata, state_);
  }

 private:
  // Images × features. Each image is computed by one worker, so their number changes no bit.
  std::vector<float> features(const tessera::Batch<tessera::any_shape>& images) {
    const auto c = static_cast<std::size_t>(head_.features());
    struct Work {
      const tessera::AnyModel& model;
      const tessera::Batch<tessera::any_shape>& images;
      std::vector<float> out;
    } work{model_, images, std::vector<float>(static_cast<std::size_t>(images.count()) * c)};
    workers_.run(
        images.count(),
        [](const void* context, std::ptrdiff_t i, int) {
          Work& all = *static_cast<Work*>(const_cast<void*>(context));
          const tessera::AnyTensor x = all.model.features(all.images[static_cast<int>(i)]);
          std::copy(x.begin(), x.end(), all.out.begin() + i * static_cast<std::ptrdiff_t>(x.size()));
        },
        &work);
    return std::move(work.out);
  }

  const tessera::AnyModel& model_;
  const tessera::TensorFile& file_;
  std::string state_;
  tessera::LinearHead head_;
  tessera::ThreadPoolWorkers workers_;
  std::map<std::size_t, std::vector<float>> held_out_;  // features, by the first image of the batch
};
