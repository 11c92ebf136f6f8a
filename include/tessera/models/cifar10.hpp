// SPDX-License-Identifier: MIT
#pragma once

// Small networks for 32×32 images in ten classes. The repository bundles their weights, trained on CIFAR-10 (examples/models).

#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/resmlp.hpp"

namespace tessera {

struct ResMlpCifar10 : ResMlp<Shape{32, 32, 3}, 4, 96, 6, 10> {
  static constexpr auto name = "resmlp_cifar10";
  static constexpr Preprocessing preprocessing = conv_mlp_cifar10_preprocessing;
};

using ConvMlpCifar10Sizes = ConvMlpSizes<64, 3, ConvMlpStage<2, 80, 160>, ConvMlpStage<1, 96, 192>, ConvMlpStage<1, 96, 192>>;

struct ConvMlpCifar10 : ConvMlpCifar10Sizes::Classifier<Shape{32, 32, 3}, 10> {
  static constexpr auto name = "convmlp_cifar10";
  static constexpr Preprocessing preprocessing = conv_mlp_cifar10_preprocessing;
};

// The same weights without the classifier, for images of any size.
struct ConvMlpCifar10Backbone : ConvMlpCifar10Sizes::Backbone<any_rgb> {
  static constexpr auto name = "convmlp_cifar10_backbone";
  static constexpr Preprocessing preprocessing = conv_mlp_cifar10_preprocessing;
};

}  // namespace tessera
