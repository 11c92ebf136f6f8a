// SPDX-License-Identifier: MIT
#pragma once

// From a published checkpoint to a network that runs:
//
//     const auto model = tessera::load<tessera::ResMlpS24>("resmlp_24_224.safetensors");
//
// read_weights<N> stops half-way, at the unpacked numbers. Both throw one tessera::Error that lists everything that does not fit;
// a half-loaded model does not exist.

#include <cmath>
#include <filesystem>

#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"

namespace tessera {

template <class N>
Weights<N> make_weights(const TensorFile& file, LoadReport* report = nullptr) {
  Weights<N> weights;
  AssignOptions options;
  if constexpr (requires { N::may_ignore; }) options.may_ignore.assign(N::may_ignore.begin(), N::may_ignore.end());
  auto storage = std::make_shared<LoadedParameters>(assign(file, weights.parameters(), options));
  if (report != nullptr) *report = storage->report;
  weights.keep(std::move(storage));
  return weights;
}

// The numbers of a checkpoint as they are. float32 tensors are used in the mapped file, others are converted.
template <class N>
Weights<N> read_weights(const std::filesystem::path& path, LoadReport* report = nullptr) {
  return make_weights<N>(read_tensors(path), report);
}

// Runs the inputs that a checkpoint's self-test describes; throws if a logit differs by more than the tolerance that it states, or
// if the file carries no self-test. Returns the largest difference.
template <class N>
double self_test(const Model<N>& model, const TensorFile& file) {
  const std::optional<SelfTest> test = read_self_test(file);
  if (!test) detail::fail(file.path, ": found no self-test in the metadata, expected one");
  constexpr Shape in = N::input;
  static_assert(in.fixed(), "self_test: the network must have a fixed input size");

  const auto pixels = static_cast<std::size_t>(in.positions());
  std::vector<float> channels_first(static_cast<std::size_t>(test->images) * static_cast<std::size_t>(in.size()));
  fill("input", test->seed, -2.0F, 2.0F, channels_first);
  double worst = 0;
  for (std::size_t image = 0; image < test->logits.size(); ++image) {
    Tensor<in> x;
    for (std::size_t c = 0; c < static_cast<std::size_t>(in.channels); ++c)
      for (std::size_t p = 0; p < pixels; ++p)
        x[p * in.channels + c] = channels_first[(image * in.channels + c) * pixels + p];
    const auto logits = model(x);
    if (logits.size() != test->logits[image].size())
      detail::fail(file.path, ": self-test: found ", test->logits[image].size(), " logits in the file, expected ", logits.size());
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const double difference = std::abs(double{logits[k]} - test->logits[image][k]);
      if (!(difference <= test->tolerance))
        detail::fail(file.path, ": self-test: image ", image, ", class ", k, ": found ", logits[k], ", expected ", test->logits[image][k], " ± ",
                     test->tolerance);
      worst = std::max(worst, difference);
    }
  }
  return worst;
}

struct LoadOptions {
  bool self_test = false;        // also run the checkpoint's self-test
  LoadReport* report = nullptr;  // filled in if given
};

template <class N>
Model<N> load(const std::filesystem::path& path, const LoadOptions& options = {}) {
  const TensorFile file = read_tensors(path);
  Model<N> model(make_weights<N>(file, options.report));
  if constexpr (N::input.fixed()) {
    if (options.self_test) self_test(model, file);
  } else {
    if (options.self_test) detail::fail(file.path, ": self-test: found a network for images of any size, expected one with a fixed size");
  }
  return model;
}

}  // namespace tessera
