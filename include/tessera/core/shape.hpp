// SPDX-License-Identifier: MIT
#pragma once

// Shape{height, width, channels} of one image or one grid of tokens, channels last: element (y, x, c) lies at (y·W + x)·C + c.
// A token sequence is the grid that it came from; a vector is Shape{1, 1, C}.

#include <cstdint>
#include <iosfwd>
#include <string>

#include "tessera/core/compiled.hpp"

namespace tessera {

// A side or number of channels that is only known when the program runs: images of any size, or results whose number of classes comes from
// a file.
inline constexpr int Dynamic = -1;

// Height and width are counted in positions: pixels of an image, tokens of a grid.
struct Shape {
  // In positions: rows of pixels or tokens.
  int height = 1;
  // In positions: columns.
  int width = 1;
  // Values at each position.
  int channels = 1;

  // Whether no side is Dynamic.
  constexpr bool fixed() const { return height != Dynamic && width != Dynamic && channels != Dynamic; }
  // Height times width, and times channels. Only of a fixed shape.
  constexpr std::int64_t positions() const { return std::int64_t{height} * width; }
  constexpr std::int64_t size() const { return positions() * channels; }

  friend constexpr bool operator==(const Shape&, const Shape&) = default;
};

// Nothing is known at compile time: a Tensor<any_shape> carries all three numbers.
inline constexpr Shape any_shape{Dynamic, Dynamic, Dynamic};
// RGB images of any size.
inline constexpr Shape any_rgb{Dynamic, Dynamic, 3};

// Whether a network bound to `declared` can be run on `actual`: equal where declared, anything positive where dynamic.
constexpr bool accepts(Shape declared, Shape actual) {
  const auto fits = [](int expected, int found) { return expected == Dynamic ? found > 0 : expected == found; };
  return fits(declared.height, actual.height) && fits(declared.width, actual.width) && fits(declared.channels, actual.channels);
}

// "14×14×384"; a question mark for what is not known.
std::string to_string(Shape shape);

// A template, so that <ostream> is needed only where shapes are printed.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, Shape shape) {
  return out << to_string(shape);
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/core/shape_inl.hpp"
#endif
