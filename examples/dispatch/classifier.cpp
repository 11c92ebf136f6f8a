// SPDX-License-Identifier: MIT
//
// Compiled once for each instruction set, each time with another name for the function that it exports.

#include "classifier.hpp"

#include "tessera/load.hpp"
#include "tessera/models/cifar10.hpp"
#include "tessera/vision/preprocess.hpp"

namespace {

class OneClassifier final : public Classifier {
 public:
  explicit OneClassifier(const std::filesystem::path& weights) : model_(tessera::load<tessera::ResMlpCifar10>(weights)) {}
  std::vector<float> scores(const tessera::Image& image) const override {
    const auto scores = model_(tessera::preprocess<tessera::ResMlpCifar10>(image));
    return {scores.begin(), scores.end()};
  }

 private:
  tessera::Model<tessera::ResMlpCifar10> model_;
};

}  // namespace

std::unique_ptr<Classifier> MAKE_CLASSIFIER(const std::filesystem::path& weights) { return std::make_unique<OneClassifier>(weights); }
