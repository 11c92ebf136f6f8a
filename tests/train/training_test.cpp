// SPDX-License-Identifier: MIT

// First weights, learning, and going on with a run that was stopped.

#include <set>

#include "../temporary_folder.hpp"
#include "networks.hpp"
#include "tessera/train/initialise.hpp"
#include "tessera/train/training_state.hpp"

using namespace tessera;
using namespace tessera::test;
using Catch::Matchers::Contains;

namespace {

template <class N>
Weights<N> first_weights(std::uint64_t seed = 1, Initialisation how = Initialisation::xavier) {
  Weights<N> weights;
  weights.allocate();
  initialise(weights, seed, how);
  return weights;
}

template <class N>
struct Run {
  Trainer<N> trainer{first_weights<N>(), {.seed = 5, .drop_path = 0.2}};
  Optimiser optimiser{trainer.parameters(), {.method = Method::muon}};
  WeightAverage average{trainer.parameters(), 0.9};

  double step() {
    const double loss = trainer.loss_and_gradients(random_batch<N>(8), std::span<const float>(targets));
    clip_gradients(trainer.parameters(), 1);
    optimiser.step(0.003);
    average.update();
    return loss;
  }
  std::vector<std::vector<float>> numbers() {
    std::vector<std::vector<float>> all;
    for (const auto& [name, values] : detail::training_numbers(trainer, optimiser, &average))
      all.emplace_back(values.begin(), values.end());
    return all;
  }
  std::vector<float> targets = smoothed_targets(std::vector<int>{0, 1, 2, 3, 4, 0, 1, 2}, golden_classes);
};

template <class N>
void check_resumption() {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "run.safetensors").string();
  Run<N> unbroken, stopped, resumed;
  for (int step = 0; step < 3; ++step) unbroken.step(), stopped.step();
  save_training(path, stopped.trainer, stopped.optimiser, &stopped.average, {{"epoch", "3"}});
  CHECK(resume_training(path, resumed.trainer, resumed.optimiser, &resumed.average).at("epoch") == "3");
  CHECK(resumed.numbers() == stopped.numbers());
  for (int step = 0; step < 2; ++step) CHECK(unbroken.step() == resumed.step());
  CHECK(resumed.numbers() == unbroken.numbers());
}

}  // namespace

TEST_CASE("a run that was stopped goes on with the bits of an unbroken one") {
  check_resumption<TinyResMlp>();
  check_resumption<TinySpachMs>();
}

TEST_CASE("the state of another run is refused") {
  const TemporaryFolder folder;
  const auto path = (folder.path() / "run.safetensors").string();
  Run<TinyResMlp> run;
  save_training(path, run.trainer, run.optimiser, nullptr);
  CHECK_THROWS_WITH(resume_training(path, run.trainer, run.optimiser, &run.average),
                    Contains("found no tensor \"average.stem.proj.weight\""));
  write_numbers(path, detail::training_numbers(run.trainer, run.optimiser, nullptr), {{"training.batches", "x"}, {"training.steps", "1"}});
  CHECK_THROWS_WITH(resume_training(path, run.trainer, run.optimiser, nullptr), Contains("found \"x\", expected a whole number"));
}

TEST_CASE("a network learns a batch by heart") {
  Run<TinyConvMlp> run;
  const double first = run.step();
  double last = first;
  for (int step = 0; step < 60; ++step) last = run.step();
  CHECK(std::abs(first - std::log(5.0)) < 0.01);  // the head begins with zeros
  CHECK(last < 0.8 * first);
}

TEST_CASE("first weights have the spread of timm's and the authors'") {
  const auto weights = first_weights<ResMlp<rgb_16, 4, 48, 3, golden_classes>>();
  const auto deviation = [](std::span<const float> values) {
    double sum = 0;
    for (const float value : values) sum += std::pow(static_cast<double>(value), 2);
    return std::sqrt(sum / static_cast<double>(values.size()));
  };
  CHECK(std::abs(deviation(weights["blocks.1.mlp_channels.fc1.weight"]) - std::sqrt(2.0 / (48 + 192))) < 0.003);
  CHECK(deviation(weights["head.weight"]) == 0);
  CHECK(weights["blocks.0.ls1"][0] == 0.1F);
  CHECK(weights["blocks.0.norm1.alpha"][0] == 1.0F);
  CHECK(weights["stem.proj.bias"][0] == 0.0F);
  CHECK(std::abs(deviation(weights["stem.proj.weight"]) - 0.88 / std::sqrt(48.0)) < 0.01);
  CHECK(weights["blocks.0.linear_tokens.weight"][0] != weights["blocks.1.linear_tokens.weight"][0]);
  CHECK(first_weights<ResMlp<rgb_16, 4, 4, 24, golden_classes>>()["blocks.23.ls2"][0] == 1e-5F);
  CHECK(first_weights<ResMlp<rgb_16, 4, 4, 25, golden_classes>>()["blocks.23.ls2"][0] == 1e-6F);
  const auto authors = first_weights<TinyConvMlp>(1, Initialisation::truncated_normal);
  CHECK(std::abs(deviation(authors["stages.1.blocks.0.channel_mlp1.fc1.weight"]) - 0.02) < 0.003);
  CHECK(authors["tokenizer.block.1.running_var"][0] == 1.0F);
  CHECK(std::abs(deviation(authors["stages.1.blocks.0.connect.weight"]) - std::sqrt(2.0 / 9)) < 0.1);
}
