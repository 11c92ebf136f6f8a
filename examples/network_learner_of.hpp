// SPDX-License-Identifier: MIT
#pragma once

// The learner of one network, as a type.

#include <algorithm>
#include <optional>

#include "network_learner.hpp"
#include "tessera/any/networks.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/load_any.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/save.hpp"
#include "tessera/train/initialise.hpp"
#include "tessera/train/losses.hpp"
#include "tessera/train/trainer.hpp"

template <class Published>
class NetworkLearner final : public Learner {
  // The number of classes is known only when the program runs: the type has a head for many, of which the first ones are used.
  static constexpr int most_classes = 128;
  using N = tessera::WithClasses<Published, most_classes>;

 public:
  explicit NetworkLearner(const NetworkLearnerOptions& options)
      : options_(options),
        workers_(options.threads),
        trainer_(first_weights(options), {.workers = &workers_, .seed = options.seed, .drop_path = options.drop_path}),
        optimiser_(trainer_.parameters(), options.optimiser),
        average_(trainer_.parameters(), options.average) {
    optimiser_.set_rate_factors(tessera::layer_rate_factors(trainer_.parameters(), options.layer_decay));
  }

  void look_at(tessera::BatchLoader&) override {}

  double step(const tessera::TrainingBatch& batch, double rate) override {
    model_.reset();
    trainer_.steps() = static_cast<std::uint32_t>(optimiser_.steps());
    const double loss = trainer_.loss_and_gradients(
        batch.images, [&](std::span<const float> scores, std::span<float> slopes) { return loss_of(batch, scores, slopes); });
    tessera::clip_gradients(trainer_.parameters(), 1);
    optimiser_.step(rate, rate * options_.muon_rate);
    average_.update();
    return loss;
  }

  std::vector<float> scores(const tessera::TrainingBatch& held_out) override {
    if (model_ == nullptr) {
      const std::vector<float> now = weights();
      tessera::TensorFile file;
      file.path = "the network in training";
      file.tensors = tensors(now);
      model_ = tessera::load_any(file, {.name = std::string(Published::name)});
    }
    const tessera::AnyBatch y = model_->scores(held_out.images, workers_);
    return {y.begin(), y.end()};
  }

  std::vector<Named> state() override {
    std::vector<Named> all = optimiser_.state();
    for (const tessera::TrainedParameter& p : trainer_.parameters()) all.emplace_back("value." + p.key, p.values);
    for (Named& named : average_.state()) all.push_back(std::move(named));
    return all;
  }
  std::int64_t& steps() override { return optimiser_.steps(); }

  std::vector<float> weights() override {
    if (options_.average > 0) average_.swap();
    std::vector<float> all;
    for (const tessera::TrainedParameter& p : trainer_.parameters()) all.insert(all.end(), p.values.begin(), p.values.end());
    if (options_.average > 0) average_.swap();
    return all;
  }

  void write(std::span<const float> weights, const std::string& path, const tessera::Metadata& metadata) override {
    tessera::write_safetensors(path, tensors(weights), metadata);
  }

 private:
  static tessera::Weights<N> first_weights(const NetworkLearnerOptions& options) {
    if (options.classes < 1 || options.classes > most_classes)
      tessera::detail::fail("found ", options.classes, " classes, expected at most ", most_classes, " where all layers are trained");
    tessera::Weights<N> weights;
    if (options.from != nullptr) {
      std::vector<tessera::NamedParameter> body;
      for (const tessera::NamedParameter& named : weights.parameters())
        if (!named.key.starts_with("head.")) body.push_back(named);
      weights.keep(
          std::make_shared<tessera::LoadedParameters>(tessera::assign(*options.from, body, {.may_ignore = {""}, .state = options.state})));
    }
    weights.allocate();  // what has no values yet
    if (options.from == nullptr) tessera::initialise(weights, options.seed);
    return weights;
  }

  // The loss of the classes that are used; the others have no slopes.
  double loss_of(const tessera::TrainingBatch& batch, std::span<const float> scores, std::span<float> slopes) const {
    const std::size_t k = static_cast<std::size_t>(options_.classes), images = batch.numbers.size(), all = most_classes;
    std::vector<float> used(images * k), targets(images * k), used_slopes(images * k);
    const auto share = static_cast<float>(options_.smoothing);
    for (std::size_t i = 0; i < images; ++i)
      for (std::size_t c = 0; c < k; ++c) {
        used[i * k + c] = scores[i * all + c];
        targets[i * k + c] = (1 - share) * batch.targets[i * k + c] + share / static_cast<float>(k);
      }
    const double loss = tessera::cross_entropy(used, targets, options_.classes, used_slopes);
    std::fill(slopes.begin(), slopes.end(), 0.0F);
    for (std::size_t i = 0; i < images; ++i)
      for (std::size_t c = 0; c < k; ++c) slopes[i * all + c] = used_slopes[i * k + c];
    return loss;
  }

  // A checkpoint's tensors with values as weights() gives them. They point to these.
  std::vector<tessera::TensorEntry> tensors(std::span<const float> weights) const {
    std::map<const float*, std::size_t> places;
    std::size_t next = 0;
    for (const tessera::TrainedParameter& p : trainer_.parameters()) {
      places[p.values.data()] = next;
      next += p.values.size();
    }
    std::vector<tessera::TensorEntry> tensors;
    for (const auto& [key, parameter] : trainer_.weights().parameters()) {
      tessera::TensorEntry entry = tessera::detail::published_tensor(key, *parameter);
      std::size_t count = static_cast<std::size_t>(parameter->size());
      if (key.starts_with("head.")) {
        count = count / most_classes * static_cast<std::size_t>(options_.classes);
        entry.extents[0] = options_.classes;
      }
      entry.bytes = std::as_bytes(weights.subspan(places.at(parameter->data()), count));
      tensors.push_back(std::move(entry));
    }
    return tensors;
  }

  NetworkLearnerOptions options_;
  tessera::ThreadPoolWorkers workers_;
  tessera::Trainer<N> trainer_;
  tessera::Optimiser optimiser_;
  tessera::WeightAverage average_;
  std::unique_ptr<const tessera::AnyModel> model_;  // with the present weights, where they were asked for
};

template <class Published>
TrainedNetwork trained_network() {
  return {Published::name,
          {Published::name, Published::input, 0, 0, Published::parameter_count, Published::macs, Published::preprocessing},
          [](const NetworkLearnerOptions& options) -> std::unique_ptr<Learner> {
            return std::make_unique<NetworkLearner<Published>>(options);
          }};
}
