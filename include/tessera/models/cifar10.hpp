// SPDX-License-Identifier: MIT
#pragma once

// Small networks for 32×32 images in ten classes. The repository bundles their weights, trained on CIFAR-10 (examples/models,
// examples/train).

#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

namespace tessera {

struct ResMlpCifar10 : ResMlp<Shape{32, 32, 3}, 4, 96, 6, 10> {
  static constexpr std::string_view name = "resmlp_cifar10";
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

struct MixerCifar10 : MlpMixer<Shape{32, 32, 3}, 4, 96, 5, 48, 384, Gelu, 10> {
  static constexpr std::string_view name = "mixer_cifar10";
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

struct SpachMsCifar10 : SpachMs<Shape{32, 32, 3}, 2, 40, SpachOptions{.stem = SpachStem::conv4}, 10, SpachStage<SpachPass<3>>,
                                SpachStage<SpachMlp<4>>, SpachStage<SpachMlp<4>>, SpachStage<SpachMlp<1>>> {
  static constexpr std::string_view name = "spach_ms_cifar10";
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

struct ConvMlpCifar10 : ConvMlp<Shape{32, 32, 3}, 10, 64, 3, ConvMlpStage<2, 80, 160>, ConvMlpStage<1, 96, 192>, ConvMlpStage<1, 96, 192>> {
  static constexpr std::string_view name = "convmlp_cifar10";
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

}  // namespace tessera
