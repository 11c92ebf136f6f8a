// SPDX-License-Identifier: MIT
//
// The bundled networks as a WebAssembly module. page.mjs calls these functions; build.sh compiles them. What goes in lies in one piece of
// memory, room(), and results are read where the returned pointers say.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../contributions.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/models/cifar10.hpp"
#include "tessera/vision/preprocess.hpp"

using namespace tessera;

namespace {

class Classifier {
 public:
  virtual ~Classifier() = default;
  virtual void prepare(const Image& image) = 0;
  virtual const float* input() const = 0;
  virtual const float* run() = 0;
  virtual Tensor<any_shape> tokens() const = 0;
};

template <class N>
class ClassifierOf final : public Classifier {
 public:
  explicit ClassifierOf(const TensorFile& file) : model_(weights_of(file)) {}
  void prepare(const Image& image) override { x_ = preprocess<N>(image); }
  const float* input() const override { return x_.data(); }
  const float* run() override { return (scores_ = model_(x_)).data(); }
  Tensor<any_shape> tokens() const override {
    const auto tokens = model_.tokens(x_);
    Tensor<any_shape> copy(tokens.shape());
    std::memcpy(copy.data(), tokens.data(), sizeof(float) * static_cast<std::size_t>(tokens.shape().size()));
    return copy;
  }

 private:
  static Weights<N> weights_of(const TensorFile& file) {
    Weights<N> weights;
    weights.keep(std::make_shared<LoadedParameters>(assign(file, weights.parameters())));
    return weights;
  }

  Model<N> model_;
  Tensor<N::input> x_;
  Tensor<N::output> scores_;
};

// Null if the file is of another network.
template <class... N>
std::unique_ptr<Classifier> classifier_of(const TensorFile& file) {
  const std::string name = read_model_name(file);
  std::unique_ptr<Classifier> found;
  ((name == N::name ? void(found = std::make_unique<ClassifierOf<N>>(file)) : void()), ...);
  return found;
}

std::vector<std::uint8_t> memory;
std::unique_ptr<Classifier> classifier;
std::vector<std::string> labels;
std::vector<float> head, map;
Shape map_shape{1, 1, 1};

}  // namespace

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

// Room for what comes next: a file, or the pixels of a photo.
EXPORT(room) std::uint8_t* room(int bytes) {
  memory.assign(static_cast<std::size_t>(bytes), 0);
  return memory.data();
}

// Takes the safetensors file in the room. Returns the number of classes; 0 if the file is of another network than the bundled ones.
EXPORT(load) int load(int bytes) {
  const auto copy = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(bytes));
  std::memcpy(copy->data(), memory.data(), copy->size());
  const TensorFile file = parse_safetensors(SharedBytes{.bytes = *copy, .owner = copy}, "the model");
  classifier = classifier_of<ResMlpCifar10, MixerCifar10, SpachMsCifar10, ConvMlpCifar10>(file);
  labels = read_labels(file);
  if (classifier == nullptr) return 0;
  for (const TensorEntry& tensor : file.tensors) {
    if (tensor.name != "head.weight") continue;
    head.assign(static_cast<std::size_t>(tensor.size()), 0);
    to_float(tensor, head);
  }
  return static_cast<int>(labels.size());
}

EXPORT(label) const char* label(int number) { return labels[static_cast<std::size_t>(number)].c_str(); }

// Prepares the photo whose red, green, blue and alpha are in the room. Returns the prepared image, height×width×channels.
EXPORT(prepare) const float* prepare(int height, int width) {
  classifier->prepare(Image::from(memory, height, width, static_cast<std::size_t>(width) * 4, PixelOrder::rgba));
  return classifier->input();
}

// The scores of the prepared photo.
EXPORT(run) const float* run() { return classifier->run(); }

// How much each position adds to the score of a class, map_height × map_width.
EXPORT(contributions) const float* contributions(int number) {
  const Tensor<any_shape> tokens = classifier->tokens();
  map_shape = tokens.shape();
  const auto channels = static_cast<std::size_t>(map_shape.channels);
  const auto sums = contributions_to_score(tokens, std::span(head).subspan(static_cast<std::size_t>(number) * channels, channels));
  map.assign(sums.begin(), sums.end());
  return map.data();
}
EXPORT(map_height) int map_height() { return map_shape.height; }
EXPORT(map_width) int map_width() { return map_shape.width; }
