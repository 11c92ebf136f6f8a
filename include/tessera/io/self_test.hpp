// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/precision.hpp"
#include "tessera/core/tensor.hpp"
#include "tessera/io/fill.hpp"
#include "tessera/io/tensor_file.hpp"

// A checkpoint may carry the means to check a port or a new machine, in the entry "self_test" of its metadata:
//
//     {"seed": "0x000000005eed0001", "images": 3, "logits": [[...], [...], [...]], "tolerance": 1e-4}
//
// These are the logits of the network for the images [images, 3, H, W] that `fill` makes from the seed with the name "input", between -2
// and 2, channels first.

namespace tessera {

struct SelfTest {
  // Of the images.
  std::uint64_t seed = 0;
  // How many.
  int images = 0;
  std::vector<std::vector<float>> logits;  // one row an image
  // The most that a logit may differ by.
  float tolerance = 0;

  // With products of bytes, logits may differ by more than the tolerance: by 5 % in the root mean square, of that of the logits. Random
  // images are harder than pictures.
  static constexpr double most_int8_error = 0.05;
};

// Nothing if the file carries no self-test. Throws an Error if it is malformed.
std::optional<SelfTest> read_self_test(const TensorFile& file);

// The text of the entry: what read_self_test reads, every float with as many digits as it takes to be read back the same. Throws an Error
// if a logit is not finite.
std::string write_self_test(const SelfTest& test);

namespace detail {

// Image `index` of a self-test, channels last as networks take it.
void fill_self_test_image(std::uint64_t seed, std::size_t index, Shape shape, std::span<float> image);

// Compares an image's logits with those of the test. Throws an Error that begins with `path` if one differs by more than the tolerance.
// Returns the largest difference.
double check_self_test(const SelfTest& test, std::size_t image, std::span<const float> logits, const std::string& path);

// The same for a model with products of bytes. Throws if the root mean square of the differences is more than most_int8_error of that of
// the test's logits.
double check_int8_self_test(const SelfTest& test, std::size_t image, std::span<const float> logits, const std::string& path);

// Whether a model has products of bytes.
template <class Model>
inline constexpr bool is_int8 = false;
template <class Model>
  requires(requires { Model::engine.precision; })
inline constexpr bool is_int8<Model> = Model::engine.precision == Precision::int8;

template <class Model>
std::vector<float> self_test_logits(const Model& model, std::uint64_t seed, std::size_t index) {
  Tensor<Model::input> image;
  fill_self_test_image(seed, index, Model::input, {image.data(), static_cast<std::size_t>(Model::input.size())});
  const auto logits = model(image);
  return {logits.begin(), logits.end()};
}

}  // namespace detail

// The metadata entry "self_test" for a checkpoint of this model's weights: save(weights, path, {{"self_test", make_self_test(model)}}).
// A model is a Model<N> of any engine or a Weights<N>; its network has a fixed image size.
template <class Model>
std::string make_self_test(const Model& model, int images = 3, std::uint64_t seed = 1, float tolerance = 1e-4F) {
  static_assert(Model::input.fixed(), "make_self_test: the network must have a fixed input size");
  static_assert(!detail::is_int8<Model>, "make_self_test: the model must have products of floats, which are the same on every processor");
  SelfTest test{seed, images, {}, tolerance};
  for (int image = 0; image < images; ++image)
    test.logits.push_back(detail::self_test_logits(model, seed, static_cast<std::size_t>(image)));
  return write_self_test(test);
}

// Runs the images that a checkpoint's self-test describes; throws an Error if a logit differs by more than the tolerance that it states, or
// if the file carries no self-test. Returns the largest difference.
template <class Model>
double self_test(const Model& model, const TensorFile& file) {
  static_assert(Model::input.fixed(), "self_test: the network must have a fixed input size");
  const std::optional<SelfTest> test = read_self_test(file);
  if (!test) detail::fail(ErrorKind::does_not_fit, file.path, ": found no self-test in the metadata, expected one");
  double worst = 0;
  for (std::size_t image = 0; image < test->logits.size(); ++image) {
    const std::vector<float> logits = detail::self_test_logits(model, test->seed, image);
    const double here = detail::is_int8<Model> ? detail::check_int8_self_test(*test, image, logits, file.path)
                                               : detail::check_self_test(*test, image, logits, file.path);
    worst = here > worst ? here : worst;
  }
  return worst;
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/self_test_inl.hpp"
#endif
