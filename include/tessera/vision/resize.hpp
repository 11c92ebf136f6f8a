// SPDX-License-Identifier: MIT
#pragma once

// Resampling of 8-bit RGB, bit for bit as Pillow's Image.resize: in two passes, one along each axis, antialiased when shrinking. Values are
// rounded to 8 bits between the passes, so the order of the passes shows in the result: PillowRule in core/preprocessing.hpp says which
// Pillow is followed. A pass is skipped where the length stays. For an axis of n_in → n_out:
//
//     scale = n_in / n_out      f = max(scale, 1)      centre_i = (i + 0.5)·scale      support = f·(reach of the filter k)
//     out_i = Σ_x w_ix · in_x,  w_ix = k((x - centre_i + 0.5) / f) / Σ,  x from trunc(centre_i - support + 0.5) to below
//     trunc(centre_i + support + 0.5), both clipped to the picture
//
// k: box (reach 0.5), triangle (1), Keys' cubic with a = -0.5 (2), Lanczos (3). Weights have 22 fractional bits, rounded half away
// from zero; sums start from one half. Source: Pillow 9.4, src/libImaging/Resample.c. The order of the passes was found by trying Pillow
// 12.1, 12.2, 12.3 and 13.0 on random shapes.

#include <cstdint>

#include "tessera/core/compiled.hpp"
#include "tessera/core/preprocessing.hpp"
#include "tessera/vision/image.hpp"

namespace tessera {

// The picture resampled to height×width, each side on its own. Throws Error if that size is not positive or beyond Image's limits.
Image resize(const Image& image, int height, int width, Filter filter, PillowRule rule = PillowRule::v13);

namespace detail {

// A part of a picture: rows y to y + height - 1, columns x to x + width - 1.
struct PixelWindow {
  std::int64_t y, x;
  int height, width;
};

// That part of the picture resized to height×width. Nothing outside of it is computed, so that the whole may be very long.
Image resize_window(const Image& image, std::int64_t height, std::int64_t width, const PixelWindow& window, Filter filter, PillowRule rule);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/vision/resize_inl.hpp"
#endif
