// SPDX-License-Identifier: MIT
#pragma once

// Pictures that the programs draw, written as PNG by the Cairo library. A program that is built without Cairo says so.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#ifdef TESSERA_EXAMPLES_CAIRO
#include <cairo.h>
#endif

#include "tessera/core/error.hpp"
#include "tessera/vision/image.hpp"

struct Colour {
  double red, green, blue;
};

constexpr Colour black{0, 0, 0}, white{1, 1, 1}, grey{0.6, 0.6, 0.6}, light_grey{0.88, 0.88, 0.88}, blue{0.12, 0.38, 0.70},
    red{0.78, 0.16, 0.16};

inline Colour mix(Colour a, Colour b, double share) {
  const double t = std::clamp(share, 0.0, 1.0);
  return {a.red + t * (b.red - a.red), a.green + t * (b.green - a.green), a.blue + t * (b.blue - a.blue)};
}
// From -1, blue, through 0, white, to 1, red.
inline Colour signed_colour(double value) { return value < 0 ? mix(white, blue, -value) : mix(white, red, value); }

// Which point of a text stands at the position: its left end, its middle, its right end.
enum class Align { left, middle, right };

#ifdef TESSERA_EXAMPLES_CAIRO

// White at first. x goes to the right and y down, in pixels.
class Picture {
 public:
  Picture(int width, int height)
      : surface_(::cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height)), context_(::cairo_create(surface_)) {
    ::cairo_select_font_face(context_, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    box(0, 0, width, height, white);
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  ~Picture() {
    ::cairo_destroy(context_);
    ::cairo_surface_destroy(surface_);
  }

  void box(double x, double y, double width, double height, Colour colour) {
    use(colour);
    ::cairo_rectangle(context_, x, y, width, height);
    ::cairo_fill(context_);
  }
  // The edge of a box, one pixel wide.
  void frame(double x, double y, double width, double height, Colour colour) {
    use(colour);
    ::cairo_set_line_width(context_, 1);
    ::cairo_rectangle(context_, x - 0.5, y - 0.5, width + 1, height + 1);
    ::cairo_stroke(context_);
  }
  void line(double x1, double y1, double x2, double y2, Colour colour, double width = 1) {
    use(colour);
    ::cairo_set_line_width(context_, width);
    ::cairo_move_to(context_, x1, y1);
    ::cairo_line_to(context_, x2, y2);
    ::cairo_stroke(context_);
  }
  // y is the line on which the letters stand.
  void text(double x, double y, const std::string& words, double size, Align align = Align::left, Colour colour = black) {
    use(colour);
    ::cairo_set_font_size(context_, size);
    ::cairo_text_extents_t extents;
    ::cairo_text_extents(context_, words.c_str(), &extents);
    ::cairo_move_to(context_, align == Align::left ? x : x - extents.x_advance * (align == Align::right ? 1 : 0.5), y);
    ::cairo_show_text(context_, words.c_str());
  }
  // The same, upwards.
  void text_upwards(double x, double y, const std::string& words, double size, Align align = Align::left) {
    ::cairo_save(context_);
    ::cairo_translate(context_, x, y);
    ::cairo_rotate(context_, -std::acos(-1.0) / 2);
    text(0, 0, words, size, align);
    ::cairo_restore(context_);
  }
  // As large as fits into the square, its proportions kept.
  void image(const tessera::Image& image, double x, double y, double side) {
    ::cairo_surface_t* const source = ::cairo_image_surface_create(CAIRO_FORMAT_RGB24, image.width(), image.height());
    ::cairo_surface_flush(source);
    unsigned char* const bytes = ::cairo_image_surface_get_data(source);
    const int stride = ::cairo_image_surface_get_stride(source);
    for (int row = 0; row < image.height(); ++row)
      for (int column = 0; column < image.width(); ++column) {
        const auto pixel = image.pixel(row, column);
        const std::uint32_t packed = static_cast<std::uint32_t>(pixel[0]) << 16 | static_cast<std::uint32_t>(pixel[1]) << 8 | pixel[2];
        reinterpret_cast<std::uint32_t*>(bytes + std::ptrdiff_t{row} * stride)[column] = packed;
      }
    ::cairo_surface_mark_dirty(source);
    const double scale = side / std::max(image.width(), image.height());
    ::cairo_save(context_);
    ::cairo_translate(context_, x + (side - scale * image.width()) / 2, y + (side - scale * image.height()) / 2);
    ::cairo_scale(context_, scale, scale);
    ::cairo_set_source_surface(context_, source, 0, 0);
    ::cairo_pattern_set_filter(::cairo_get_source(context_), scale > 1 ? CAIRO_FILTER_NEAREST : CAIRO_FILTER_BEST);
    ::cairo_paint(context_);
    ::cairo_restore(context_);
    ::cairo_surface_destroy(source);
  }

  void save(const std::string& path) {
    const ::cairo_status_t status = ::cairo_surface_write_to_png(surface_, path.c_str());
    if (status != CAIRO_STATUS_SUCCESS) throw tessera::Error(path + ": cannot be written: " + ::cairo_status_to_string(status));
  }

 private:
  void use(Colour colour) { ::cairo_set_source_rgb(context_, colour.red, colour.green, colour.blue); }

  ::cairo_surface_t* surface_;
  ::cairo_t* context_;
};

#else

class Picture {
 public:
  Picture(int, int) { throw tessera::Error("this program was built without Cairo (Debian: libcairo2-dev), so it draws no pictures"); }
  void box(double, double, double, double, Colour) {}
  void frame(double, double, double, double, Colour) {}
  void line(double, double, double, double, Colour, double = 1) {}
  void text(double, double, const std::string&, double, Align = Align::left, Colour = black) {}
  void text_upwards(double, double, const std::string&, double, Align = Align::left) {}
  void image(const tessera::Image&, double, double, double) {}
  void save(const std::string&) {}
};

#endif
