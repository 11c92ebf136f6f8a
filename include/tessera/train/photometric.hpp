// SPDX-License-Identifier: MIT
#pragma once

// Changes of a picture's colours, value by value as Pillow 13 makes them: ImageEnhance, ImageOps, and the hue as torchvision changes it.
//
//     blend(from, to, f) = trunc(from + f·(to - from)), clipped to 0 ... 255, in float
//
// f = 1 leaves a picture as it is, except where said otherwise.

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

// blend(black, image, f). f is 0 or more.
Image with_brightness(const Image& image, double f);
// blend(g, image, f), g the picture's mean grey, rounded. Greys are 0.299·R + 0.587·G + 0.114·B in fixed point.
Image with_contrast(const Image& image, double f);
// blend(the picture in grey, image, f): the saturation.
Image with_colour(const Image& image, double f);
// blend(the smoothed picture, image, f). Smoothed is the mean of 3×3 pixels in which the middle one counts five times; the rim stays.
Image with_sharpness(const Image& image, double f);
// Turns the hue by f of a full turn, f from -0.5 to 0.5, by way of Pillow's 8-bit HSV. So f = 0 changes values by a little, too.
Image with_hue(const Image& image, double f);

// Each channel stretched so that its least value becomes 0 and its greatest 255.
Image autocontrast(const Image& image);
// Each channel's values changed so that they are about equally frequent.
Image equalize(const Image& image);
// Only the upper `bits` bits of each value, 0 to 8.
Image posterize(const Image& image, int bits);
// Values of `threshold` and more are inverted, v → 255 - v.
Image solarize(const Image& image, int threshold);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/photometric_inl.hpp"
#endif
