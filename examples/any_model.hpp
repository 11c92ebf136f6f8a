// SPDX-License-Identifier: MIT
#pragma once

// Networks by name. A network is a type, so a program that takes a name at run time lists the types that it can mean.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/load.hpp"
#include "tessera/vision/image.hpp"
#include "tessera/vision/preprocess.hpp"

class AnyModel {
 public:
  virtual ~AnyModel() = default;
  virtual std::vector<float> scores(const tessera::Image& image) const = 0;
  virtual std::vector<float> features(const tessera::Image& image) const = 0;
};

struct ModelEntry {
  std::string_view name;
  std::unique_ptr<AnyModel> (*load)(const tessera::TensorFile& file);
};

template <class N>
class OneModel : public AnyModel {
 public:
  explicit OneModel(const tessera::TensorFile& file) : model_(tessera::make_weights<N>(file)) {
    if (file.metadata.count("self_test") != 0) tessera::self_test(model_, file);
  }
  std::vector<float> scores(const tessera::Image& image) const override {
    const auto logits = model_(tessera::preprocess<N>(image));
    return {logits.begin(), logits.end()};
  }
  std::vector<float> features(const tessera::Image& image) const override {
    const auto pooled = model_.features(tessera::preprocess<N>(image));
    return {pooled.data(), pooled.data() + pooled.size()};
  }

 private:
  tessera::Model<N> model_;
};

template <class N>
ModelEntry entry_of(std::string_view name = N::name) {
  return {name, [](const tessera::TensorFile& file) -> std::unique_ptr<AnyModel> { return std::make_unique<OneModel<N>>(file); }};
}
// A checkpoint whose classes or images differ from its network's, under its whole tag.
template <class N>
ModelEntry entry_of_checkpoint() {
  return entry_of<N>(N::checkpoint.tag);
}

// Every network known by name, and checkpoints by their tag where their preprocessing is their own.
std::vector<ModelEntry> all_models();

// A name may have a tag behind it (resmlp_12_224.fb_in1k). An empty name means the one that the file names in its metadata, or else the
// published network that its tensors fit.
std::unique_ptr<AnyModel> load_any(std::string name, const tessera::TensorFile& file);
