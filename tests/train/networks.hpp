// SPDX-License-Identifier: MIT
#pragma once

// The small networks of data/make_gradients.py, and the batch that they are computed for.

#include <cmath>
#include <string>
#include <vector>

#include "../catch.hpp"
#include "../io/files.hpp"
#include "../random.hpp"
#include "tessera/io/read_tensors.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"
#include "tessera/train/trainer.hpp"

namespace tessera::test {

inline constexpr int golden_images = 4, golden_classes = 5;
inline constexpr Shape rgb_16{16, 16, 3}, rgb_32{32, 32, 3};
inline constexpr SpachOptions spach_two_heads{.heads = 2}, spach_sharing{.heads = 2, .shared_spatial_func = true},
    spach_deep_stem{.heads = 2, .stem = SpachStem::conv4};

using TinyResMlp = ResMlp<rgb_16, 4, 12, 2, golden_classes>;
using TinyMixer = MlpMixer<rgb_16, 4, 12, 2, 6, 48, Gelu, golden_classes>;
using TinyMixerTanh = MlpMixer<rgb_16, 4, 12, 2, 6, 48, GeluTanh, golden_classes>;
using TinySpachShared = Spach<rgb_16, 4, 8, spach_sharing, golden_classes, SpachMlp<2>>;
using TinySpachAttention = Spach<rgb_16, 4, 8, spach_two_heads, golden_classes, SpachAttn<2>>;
using TinySpachMs = SpachMs<rgb_32, 2, 8, spach_deep_stem, golden_classes, SpachStage<SpachPass<1>>, SpachStage<SpachAttn<1>>,
                            SpachStage<SpachMlp<2>>, SpachStage<SpachMlp<1>>>;
using TinyConvMlp = ConvMlp<rgb_32, golden_classes, 8, 2, ConvMlpStage<1, 8, 16>, ConvMlpStage<2, 12, 24>, ConvMlpStage<1, 16, 32>>;

template <class N>
Batch<N::input> random_batch(int count = golden_images) {
  Batch<N::input> batch(count);
  fill("input", 1, -2, 2, {batch.data(), batch.size()});
  return batch;
}
inline std::vector<float> random_targets(int count = golden_images, int of_classes = golden_classes) {
  std::vector<float> targets(static_cast<std::size_t>(count * of_classes));
  fill("targets", 1, 0, 1, targets);
  return targets;
}

// Numbers of data/make_gradients.py.
class Golden {
 public:
  explicit Golden(const std::string& name) : file_(read_tensors(TESSERA_TEST_DATA "/gradients/" + name + ".safetensors")) {}
  std::vector<float> operator[](const std::string& key) const {
    const TensorEntry* const entry = file_.find(key);
    REQUIRE(entry != nullptr);
    return floats(*entry);
  }

 private:
  TensorFile file_;
};

// The Euclidean distance of got and want, relative to the length of want; gradients that are zero but for rounding have a length of 0.01.
inline double relative_distance(std::span<const float> got, std::span<const float> want) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(want[i]), 2);
    size += std::pow(static_cast<double>(want[i]), 2);
  }
  return std::sqrt(difference / std::max(size, 1e-4));
}

}  // namespace tessera::test
