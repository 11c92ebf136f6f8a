// SPDX-License-Identifier: MIT
#pragma once

// How the images of a network are prepared: the record that every published network and checkpoint states.
// The steps themselves are in vision/preprocess.hpp.

#include <array>

#include "tessera/core/compiled.hpp"

namespace tessera {

// Resampling filters, with the definitions of Pillow's Image.resize.
enum class Filter { box, bilinear, bicubic, lanczos };

// Which release of Pillow a resized picture agrees with, byte for byte. They differ in when rows are resampled before columns, which rounds
// otherwise: values differ by 1 where the proportions stay, and by more where they change.
//     v13   13.0          where height is lost, and more than twice as many rows are lost as columns: portrait pictures of more than 2:1,
//                         such as screenshots of a phone
//     v12   12.2, 12.3    where height is lost, in pictures that are more than 100 times as high as wide
//     v11   up to 12.1    never
enum class PillowRule { v13, v12, v11 };

// How an image is brought to the height and width of the network's input.
//     crop      resized until its shorter side is floor(side / crop), then the centre is cut out: timm and torchvision.
//               8-bit pixels, antialiased when shrinking, bit for bit as the Pillow that `pillow` names.
//     squash    each side stretched on its own to the input's: the flax evaluation of MLP-Mixer. TensorFlow's bilinear: half-pixel
//               centres, no antialiasing, floats that are never rounded to 8 bits. `filter` and `crop` have no meaning here.
enum class Fit { crop, squash };

// After the fit, every channel of an 8-bit image becomes (value / 255 - mean) / deviation. The size is not in the record: it is that of the
// network's input.
struct Preprocessing {
  // How it is resized.
  Filter filter = Filter::bicubic;
  double crop = 0.875;                                     // the share of the shorter side that is kept, more than 0 and at most 1
  std::array<float, 3> mean{0.485F, 0.456F, 0.406F};       // of red, green and blue, as values from 0 to 1
  std::array<float, 3> deviation{0.229F, 0.224F, 0.225F};  // the same
  // How a picture of other proportions becomes the shape of the input.
  Fit fit = Fit::crop;
  PillowRule pillow = PillowRule::v13;  // no meaning for Fit::squash

  friend constexpr bool operator==(const Preprocessing&, const Preprocessing&) = default;
};

// ImageNet statistics, bicubic, crop ratio 0.875 (224 out of 256): SPACH, and timm's evaluation of ResMLP and gMixer.
inline constexpr Preprocessing imagenet_preprocessing{};

// The same with crop ratio 0.9 (224 out of 248): ResMLP as its authors evaluate it, and ConvMLP on ImageNet.
inline constexpr Preprocessing imagenet_crop90_preprocessing{.crop = 0.9};

}  // namespace tessera
