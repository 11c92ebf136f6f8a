// SPDX-License-Identifier: MIT
//
// The class of every pixel of a photo, by ConvMLP-S with the Semantic FPN head:
//   segment --weights convmlp_s_semantic_fpn.pth --overlay overlay.png photo.jpg
// docs/tools.md has the manual page.

#include <cmath>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "network_pictures.hpp"
#include "output.hpp"
#include "semantic_fpn.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/read_labels.hpp"
#include "vectors_file.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  segment --weights fpn_convmlp_s_512x512_ade20k.pth --overlay overlay.png photo.jpg
  segment --weights fpn_convmlp_s_512x512_ade20k.pth --labels ade20k.txt --map classes.npy photo.jpg

Exit status: 0; 1 if a file cannot be read or written; 2 for wrong arguments.)";

struct Options {
  std::string weights, photo, labels, overlay, map;
};

// Colours that differ from each other: the hues go around the circle by the golden ratio.
Colour class_colour(int number) {
  const double hue = 6 * std::fmod(0.61803398875 * number, 1.0), light = number % 2 == 0 ? 0.9 : 0.65;
  const auto channel = [&](double middle) {
    return light * (1 - 0.75 * std::clamp(std::abs(std::fmod(hue - middle + 9, 6.0) - 3) - 1, 0.0, 1.0));
  };
  return {channel(0), channel(2), channel(4)};
}

// A class and how many pixels it has.
struct Area {
  int number;
  std::size_t pixels;
};

std::vector<Area> areas_of(const std::vector<int>& classes, int count) {
  std::vector<Area> areas(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) areas[static_cast<std::size_t>(i)] = {i, 0};
  for (const int number : classes) ++areas[static_cast<std::size_t>(number)].pixels;
  std::erase_if(areas, [](const Area& area) { return area.pixels == 0; });
  std::stable_sort(areas.begin(), areas.end(), [](const Area& a, const Area& b) { return a.pixels > b.pixels; });
  return areas;
}

void draw_overlay(const std::string& path, const tessera::Image& photo, const std::vector<int>& classes, const std::vector<Area>& areas,
                  const std::vector<std::string>& labels) {
  const int height = photo.height(), width = photo.width();
  const tessera::Image mixed = grid_image(height, width, [&](int y, int x) {
    const auto pixel = photo.pixel(y, x);
    return mix({pixel[0] / 255.0, pixel[1] / 255.0, pixel[2] / 255.0},
               class_colour(classes[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]), 0.6);
  });
  const int side = std::max(height, width), shown = std::min(static_cast<int>(areas.size()), std::max(height / 18, 1));
  Picture picture(width + 200, height);
  picture.image(mixed, (width - side) / 2.0, (height - side) / 2.0, side);
  for (int i = 0; i < shown; ++i) {
    const Area& area = areas[static_cast<std::size_t>(i)];
    picture.box(width + 10, 18 * i + 4, 12, 12, class_colour(area.number));
    picture.text(width + 28, 18 * i + 14,
                 labels[static_cast<std::size_t>(area.number)] +
                     format(", %.1f %%", 100.0 * static_cast<double>(area.pixels) / static_cast<double>(classes.size())),
                 11);
  }
  picture.save(path);
}

void segment(const Options& options) {
  using Backbone = tessera::ConvMlpSBackbone;
  const semantic_fpn::Segmenter<Backbone, 64, 128, 256, 512> model(tessera::read_tensors(options.weights));
  std::vector<std::string> labels;
  if (!options.labels.empty()) labels = tessera::read_labels(options.labels);
  for (int i = 0; options.labels.empty() && i < model.classes(); ++i) labels.push_back("class " + std::to_string(i));
  if (labels.size() != static_cast<std::size_t>(model.classes()))
    throw tessera::Error("--labels " + options.labels + ": found " + std::to_string(labels.size()) + " labels, expected " +
                         std::to_string(model.classes()));

  const tessera::Image photo = tessera::read_image(options.photo);
  const auto x = tessera::normalize(photo, Backbone::preprocessing.mean, Backbone::preprocessing.deviation);
  const std::vector<int> classes = model.classes_of_pixels(model.scores(x), photo.height(), photo.width());
  const std::vector<Area> areas = areas_of(classes, model.classes());
  Output output;
  output.write(as_utf8(options.photo) + format(" %dx%d, %zu classes\n", photo.height(), photo.width(), areas.size()));
  for (const Area& area : areas)
    output.write(format("  %6.2f %%  ", 100.0 * static_cast<double>(area.pixels) / static_cast<double>(classes.size())) +
                 labels[static_cast<std::size_t>(area.number)] + '\n');
  if (!options.map.empty()) write_npy(options.map, std::vector<float>(classes.begin(), classes.end()), {photo.height(), photo.width()});
  if (!options.overlay.empty()) draw_overlay(options.overlay, photo, classes, areas, labels);
  output.close();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Says what every pixel of a photo belongs to, by ConvMLP-S with Semantic FPN", "segment");
  Options options;
  app.add_option("--weights", options.weights, "checkpoint of mmsegmentation: backbone, neck and decode_head")
      ->type_name("FILE")
      ->required();
  app.add_option("--labels", options.labels, "names of the classes, a file in any of the forms of classify")->type_name("FILE");
  app.add_option("--overlay", options.overlay, "draw the classes on the photo")->type_name("FILE.png");
  app.add_option("--map", options.map, "write the number of each pixel's class, [height, width]")->type_name("FILE.npy");
  app.add_option("PHOTO", options.photo, "JPEG or PNG file")->required();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  try {
    segment(options);
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "segment: %s\n", error.what());
    return exit_failure;
  }
}
