// SPDX-License-Identifier: MIT
#pragma once

// Pictures that are flipped, cut out, moved, sheared and turned. Pixels are taken from the nearest place, as Pillow 13 does it with
// Image.Resampling.NEAREST: the pixel in column x and row y comes from
//
//     column a·(x + 0.5) + b·(y + 0.5) + c,   row d·(x + 0.5) + e·(y + 0.5) + f
//
// in 16.16 fixed point; what comes from outside gets the fill colour.

#include <array>
#include <cstdint>

#include "tessera/core/compiled.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

// a, b, c, d, e, f of the equation above.
using AffineMap = std::array<double, 6>;
using Rgb = std::array<std::uint8_t, 3>;

// Image.transform(size, Transform.AFFINE, map, Resampling.NEAREST, fillcolor=fill). Throws Error if the map reaches 32768 or further.
Image transform_nearest(const Image& image, const AffineMap& map, const Rgb& fill);

// Turned about its middle by this many degrees, between -90 and 90 and counter-clockwise: Image.rotate.
Image rotate_nearest(const Image& image, double degrees, const Rgb& fill);
// Row y moved to the left by s·y pixels; column x moved upwards by s·x pixels.
Image shear_x(const Image& image, double s, const Rgb& fill);
Image shear_y(const Image& image, double s, const Rgb& fill);
// Moved to the left or upwards by some pixels.
Image translate_x(const Image& image, int pixels, const Rgb& fill);
Image translate_y(const Image& image, int pixels, const Rgb& fill);

// Left and right exchanged.
Image mirrored(const Image& image);
// Rows y to y + height - 1, columns x to x + width - 1. Throws Error if they are not in the picture.
Image crop(const Image& image, int y, int x, int height, int width);
// A rim of this many pixels added on each side.
Image with_rim(const Image& image, int rim, const Rgb& fill);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/warp_inl.hpp"
#endif
