// SPDX-License-Identifier: MIT
#pragma once

// Trainer<N>: a network in training. It computes the loss of a batch and the gradient of every parameter; an optimiser moves the
// parameters.
//
//     tessera::Weights<tessera::ResMlpCifar10> weights;
//     weights.allocate();
//     tessera::initialise(weights, seed);
//     tessera::Trainer trainer(std::move(weights), {.workers = &workers, .seed = seed});
//     tessera::Optimiser optimiser(trainer.parameters());
//     const double loss = trainer.loss_and_gradients(batch.images, batch.targets);
//     optimiser.step(rate);
//
// The result has the same bits for any number of workers (train/training_pass.hpp). Batch normalisation uses the statistics of the batch
// and moves its running averages in every call. The gradients are those of the mean loss of the batch.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tessera/core/batch.hpp"
#include "tessera/layers/weights.hpp"
#include "tessera/train/losses.hpp"
#include "tessera/train/trained_parameter.hpp"
#include "tessera/train/training_layers_of.hpp"

namespace tessera {

// Threads, and what is dropped in training.
struct TrainerOptions {
  Workers* workers = nullptr;  // not owned; null: the calling thread alone
  std::uint64_t seed = 0;      // of what is dropped
  double drop_path = 0;        // stochastic depth of the last block, 0 to 1; it grows evenly from 0 at the first block
  double dropout = 0;          // of the Dropout layers of the network, 0 to 1
};

// N: the network. I: the instruction set that it is compiled for.
template <class N, Isa I = native_isa>
class Trainer {
  static_assert(N::input.fixed(), "Trainer: the image size of the network must be fixed");

 public:
  // Takes weights with values, which are copied where another object owns them, such as a mapped file. Throws Error if a parameter has no
  // values, or if a probability is not in [0, 1).
  explicit Trainer(Weights<N> weights, const TrainerOptions& options = {}) : weights_(std::move(weights)) {
    for (const double rate : {options.drop_path, options.dropout})
      if (!(rate >= 0 && rate < 1))
        detail::fail("Trainer: found a probability of dropping of ", rate, ", expected 0 or more, and less than 1");
    weights_.check_ready();
    detail::TrainingPlan plan;
    plan.drop_path = options.drop_path;
    plan.dropout = options.dropout;
    plan.blocks = detail::blocks_in<detail::Unnamed<typename N::Body>>;
    gradients_ = Buffer(static_cast<std::size_t>(N::parameter_count));
    float* next = gradients_.data();
    for (const NamedParameter& named : weights_.parameters()) {
      const std::span<float> values = weights_[named.key];
      const Parameter& p = *named.parameter;
      if (plan.trained.contains(p.data())) continue;  // shared
      float* const gradient = p.learnable() ? std::exchange(next, next + p.size()) : nullptr;
      plan.trained[p.data()] = {values.data(), gradient, static_cast<std::ptrdiff_t>(p.size())};
      std::vector<int> extents;
      for (int axis = 0; axis < p.rank(); ++axis) extents.push_back(p.extent(axis));
      parameters_.push_back({named.key, extents, values, gradient == nullptr ? std::span<float>() : std::span(gradient, values.size())});
    }
    network_ = detail::make_training<typename N::Body, I>(weights_.layers(), plan);
    pass_ = std::make_unique<detail::TrainingPass>(network_->scratch_floats(), options.workers);
    pass_->seed = options.seed;
  }

  // The network with its present values. Writing them is allowed; their places do not change.
  Weights<N>& weights() { return weights_; }
  const Weights<N>& weights() const { return weights_; }
  // All parameters and statistics, each once, in the order of the layers.
  std::span<const TrainedParameter> parameters() const { return parameters_; }
  // How many batches were computed. It decides what is dropped, and is a part of what a run goes on from.
  std::uint32_t& steps() { return steps_; }

  // The loss of a batch and the gradients. loss(scores, slopes) is given images × classes scores, fills slopes with the derivative of the
  // loss by each score, and returns the loss. Throws Error if there are no images or their shape is not that of the network.
  template <Shape S>
  double loss_and_gradients(const Batch<S>& images,
                            const std::function<double(std::span<const float> scores, std::span<float> slopes)>& loss) {
    if (images.count() < 1) detail::fail("Trainer: found a batch of 0 images, expected 1 or more");
    if (images.shape() != N::input) detail::fail_shape("Trainer", images.shape(), N::input);
    pass_->images = images.count();
    pass_->step = steps_++;
    scores_.resize(static_cast<std::size_t>(images.count() * N::output.size()));
    slopes_.resize(scores_.size());
    std::fill_n(gradients_.data(), gradients_.size(), 0.0F);
    network_->forward(*pass_, images.data(), scores_.data());
    const double value = loss(scores_, slopes_);
    network_->backward(*pass_, images.data(), slopes_.data(), nullptr);
    return value;
  }
  // With the cross-entropy of soft targets, images × classes (losses.hpp).
  template <Shape S>
  double loss_and_gradients(const Batch<S>& images, std::span<const float> targets) {
    return loss_and_gradients(images, [&](std::span<const float> scores, std::span<float> slopes) {
      return cross_entropy(scores, targets, N::output.channels, slopes);
    });
  }
  // The scores of the last batch.
  std::span<const float> scores() const { return scores_; }

 private:
  Weights<N> weights_;
  Buffer gradients_;
  std::vector<TrainedParameter> parameters_;
  std::unique_ptr<detail::TrainingLayer> network_;
  std::unique_ptr<detail::TrainingPass> pass_;
  std::vector<float> scores_, slopes_;
  std::uint32_t steps_ = 0;
};

}  // namespace tessera
