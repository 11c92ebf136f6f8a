// SPDX-License-Identifier: MIT
#pragma once

// A run of training as a file, so that one that was stopped goes on with the same bits. The file is a safetensors file with the tensors
// value.KEY (weights and statistics), first.KEY and second.KEY (the optimiser's), average.KEY, and the counters as text.
//
//     tessera::save_training("run.safetensors", trainer, optimiser, &average, {{"epoch", "3"}});
//     const tessera::Metadata metadata = tessera::resume_training("run.safetensors", trainer, optimiser, &average);

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tessera/io/read_tensors.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/train/optimiser.hpp"

namespace tessera {

// Numbers that others own, with the names that they have in a file.
using NamedNumbers = std::vector<std::pair<std::string, std::span<float>>>;

// Writes float32 numbers under their names, each as a vector. Throws Error as write_safetensors does.
void write_numbers(const FilePath& path, const NamedNumbers& numbers, const Metadata& metadata);
// Reads them back, and the metadata. Throws Error if one is missing in the file or has another size; then nothing has changed.
Metadata read_numbers(const FilePath& path, const NamedNumbers& numbers);

namespace detail {

template <class TrainerOfN>
NamedNumbers training_numbers(TrainerOfN& trainer, Optimiser& optimiser, WeightAverage* average) {
  NamedNumbers numbers = optimiser.state();
  for (const TrainedParameter& p : trainer.parameters()) numbers.emplace_back("value." + p.key, p.values);
  if (average != nullptr)
    for (auto& named : average->state()) numbers.push_back(std::move(named));
  return numbers;
}
// The counter of that name. Throws Error if there is none or it is not a whole number from 0.
std::int64_t counter_of(const Metadata& metadata, const std::string& name);

}  // namespace detail

// metadata: what the caller wants to find again. Names that begin with "training." are the library's.
template <class TrainerOfN>
void save_training(const FilePath& path, TrainerOfN& trainer, Optimiser& optimiser, WeightAverage* average, Metadata metadata = {}) {
  metadata.set("training.batches", std::to_string(trainer.steps()));
  metadata.set("training.steps", std::to_string(optimiser.steps()));
  write_numbers(path, detail::training_numbers(trainer, optimiser, average), metadata);
}
// Returns the file's metadata. Throws Error if the file is not one of such a run. Go on only if it does not throw.
template <class TrainerOfN>
Metadata resume_training(const FilePath& path, TrainerOfN& trainer, Optimiser& optimiser, WeightAverage* average) {
  const Metadata metadata = read_numbers(path, detail::training_numbers(trainer, optimiser, average));
  const std::int64_t batches = detail::counter_of(metadata, "training.batches"), steps = detail::counter_of(metadata, "training.steps");
  trainer.steps() = static_cast<std::uint32_t>(batches);
  optimiser.steps() = steps;
  return metadata;
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/training_state_inl.hpp"
#endif
