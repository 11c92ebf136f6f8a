// SPDX-License-Identifier: MIT
#pragma once

// From a published checkpoint to a network that runs:
//
//     const auto model = tessera::load<tessera::ResMlpS24>("resmlp_24_224.safetensors");
//
// read_weights<N> stops half-way, at the unpacked numbers. Both throw one tessera::Error that lists everything that does not fit;
// a half-loaded model does not exist. save.hpp writes checkpoints.

#include <cmath>
#include <filesystem>

#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/io/self_test.hpp"

namespace tessera {

// A file's values for a network; `weights` has none yet, and maybe another number of classes.
template <class N>
Weights<N> make_weights(const TensorFile& file, LoadReport* report = nullptr, Weights<N> weights = Weights<N>()) {
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

namespace detail {

// Image `index` of a self-test, channels last as networks take it.
template <Shape In>
Tensor<In> self_test_image(std::uint64_t seed, std::size_t index) {
  constexpr auto pixels = static_cast<std::size_t>(In.positions()), channels = static_cast<std::size_t>(In.channels);
  std::vector<float> planes(pixels * channels);
  fill("input", seed, -2.0F, 2.0F, planes, index * planes.size());
  Tensor<In> image;
  for (std::size_t c = 0; c < channels; ++c)
    for (std::size_t p = 0; p < pixels; ++p) image[p * channels + c] = planes[c * pixels + p];
  return image;
}

}  // namespace detail

// The metadata entry "self_test" for a checkpoint of this model's weights: save(weights, path, {{"self_test", make_self_test(model)}}).
template <class N>
std::string make_self_test(const Model<N>& model, int images = 3, std::uint64_t seed = 1, float tolerance = 1e-4F) {
  static_assert(N::input.fixed(), "make_self_test: the network must have a fixed input size");
  SelfTest test{seed, images, {}, tolerance};
  for (int image = 0; image < images; ++image) {
    const auto logits = model(detail::self_test_image<Shape{N::input}>(seed, static_cast<std::size_t>(image)));
    test.logits.emplace_back(logits.begin(), logits.end());
  }
  return write_self_test(test);
}

// Runs the inputs that a checkpoint's self-test describes; throws if a logit differs by more than the tolerance that it states, or
// if the file carries no self-test. Returns the largest difference.
template <class N>
double self_test(const Model<N>& model, const TensorFile& file) {
  static_assert(N::input.fixed(), "self_test: the network must have a fixed input size");
  const std::optional<SelfTest> test = read_self_test(file);
  if (!test) detail::fail(file.path, ": found no self-test in the metadata, expected one");
  double worst = 0;
  for (std::size_t image = 0; image < test->logits.size(); ++image) {
    const auto logits = model(detail::self_test_image<Shape{N::input}>(test->seed, image));
    if (logits.size() != test->logits[image].size())
      detail::fail(file.path, ": self-test: found ", test->logits[image].size(), " logits in the file, expected ", logits.size());
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const double difference = std::abs(double{logits[k]} - test->logits[image][k]);
      if (!(difference <= test->tolerance))
        detail::fail(file.path, ": self-test: image ", image, ", class ", k, ": found ", logits[k], ", expected ", test->logits[image][k],
                     " ± ", test->tolerance);
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
