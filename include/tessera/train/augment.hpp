// SPDX-License-Identifier: MIT
#pragma once

// From a photo to one training example: cut, flipped, changed in colour and shape at random, then normalised as the network's Preprocessing
// says. All draws come from a stream of Draws, so the same place of the same seed gives the same values.
//
// Random resized crop: Szegedy et al. 2015, arXiv:1409.4842, section 6, with torchvision's ten attempts. RandAugment: Cubuk et al. 2020,
// arXiv:1909.13719; the operations and their ranges are torchvision's for 31 magnitudes. Random erasing: Zhong et al. 2020,
// arXiv:1708.04896, with timm's ranges; the part becomes the mean, which is 0 after normalisation.

#include <array>

#include "tessera/core/compiled.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/train/draws.hpp"
#include "tessera/train/warp.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/resize.hpp"

namespace tessera {

// How the part is found that the network sees.
//     none       as for prediction
//     shifted    resized to the input's size, a black rim added, and a window of the input's size cut out: CIFAR-10's usual way
//     resized    a part of random area and proportions, resized to the input's size: ImageNet's usual way
enum class RandomCrop { none, shifted, resized };

struct Augmentation {
  RandomCrop crop = RandomCrop::resized;               // which part of the picture
  double least_area = 0.08, greatest_ratio = 4.0 / 3;  // of `resized`: share of the picture, and width to height or height to width
  int rim = 4;                                         // of `shifted`: pixels on each side
  double flip = 0.5;                                   // probability that left and right are exchanged
  // Colour jitter: factors are drawn from 1 - x to 1 + x, the hue from -x to x of a full turn, in random order. 0: not at all.
  double brightness = 0, contrast = 0, colour = 0, hue = 0;
  int operations = 0;      // of RandAugment, one after another
  double magnitude = 0.3;  // of each, from 0 to 1: torchvision's magnitude / 30
  double erase = 0;        // probability that a rectangle is erased
};

// RandAugment's common set, in the order in which they are drawn.
enum class AugmentOperation {
  identity,
  shear_x,
  shear_y,
  translate_x,
  translate_y,
  rotate,
  brightness,
  colour,
  contrast,
  sharpness,
  posterize,
  solarize,
  autocontrast,
  equalize
};
inline constexpr int augment_operations = 14;

// One operation of the set. `sign` is 1 or -1, and chooses the direction of those that have one. Outside of the picture is `fill`.
Image apply_operation(const Image& image, AugmentOperation operation, double magnitude, int sign, const Rgb& fill);

// A training example of out's height and width. Throws Error if an option makes no sense.
void augment_into(const Image& image, const Preprocessing& how, const Augmentation& options, Draws& draws, detail::PixelView out);

namespace detail {

// A random part of a picture of height×width.
PixelWindow random_part(int height, int width, const Augmentation& options, Draws& draws);
// Throws Error that names the option that makes no sense.
void check_augmentation(const Augmentation& options);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/augment_inl.hpp"
#endif
