// SPDX-License-Identifier: MIT
//
// The feature pyramid of a photo in its own size, as detectors and segmenters use it:
//   backbone --weights examples/models/convmlp_cifar10.safetensors --out pyramid.safetensors --montage pyramid.png cat.jpg
//   backbone --weights convmlp_s_imagenet.pth --model convmlp_s cat.jpg
// docs/tools.md has the manual page.

#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "network_pictures.hpp"
#include "output.hpp"
#include "tessera/engine/pyramid.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/load.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"

using namespace tessera;

namespace {

constexpr const char* examples = R"(Examples:
  backbone --weights examples/models/convmlp_cifar10.safetensors cat.jpg
  backbone --model convmlp_s --weights convmlp_s_imagenet.pth --out pyramid.safetensors --montage pyramid.png cat.jpg

Exit status: 0; 1 if a file cannot be read or written; 2 for wrong arguments.)";

struct Options {
  std::string weights, photo, model = "convmlp_cifar10", out, montage;
  std::size_t columns = 12;
};

// The bundled network without its classifier, for images of any size.
struct Cifar10Backbone : ConvMlpBackbone<any_rgb, 64, 3, ConvMlpStage<2, 80, 160>, ConvMlpStage<1, 96, 192>, ConvMlpStage<1, 96, 192>> {
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

std::string describe_map(const std::string& name, const FeatureMap& map) {
  const Eigen::Map<const Eigen::ArrayXf> values(map.data(), static_cast<Eigen::Index>(map.size()));
  const double mean = static_cast<double>(values.mean()),
               deviation = static_cast<double>(std::sqrt((values - values.mean()).square().mean()));
  const Shape shape = map.shape();
  return format("  %s  %4d x %4d x %4d  mean %7.3f  std %7.3f  from %7.3f to %7.3f\n", name.c_str(), shape.height, shape.width,
                shape.channels, mean, deviation, static_cast<double>(values.minCoeff()), static_cast<double>(values.maxCoeff()));
}

// The maps as PyTorch has them, [1, channels, height, width].
void write_maps(const std::string& path, const std::vector<SpatialResult>& maps) {
  std::vector<std::vector<float>> planes;
  for (const SpatialResult& map : maps) {
    const Shape shape = map.values.shape();
    const std::ptrdiff_t positions = std::ptrdiff_t{shape.height} * shape.width, channels = shape.channels;
    std::vector<float>& values = planes.emplace_back(map.values.size());
    for (std::ptrdiff_t c = 0; c < channels; ++c)
      for (std::ptrdiff_t n = 0; n < positions; ++n)
        values[static_cast<std::size_t>(c * positions + n)] = map.values.data()[n * channels + c];
  }
  std::vector<TensorEntry> tensors;
  for (std::size_t i = 0; i < maps.size(); ++i) {
    const Shape shape = maps[i].values.shape();
    const std::vector<std::int64_t> extents{1, shape.channels, shape.height, shape.width};
    tensors.push_back({maps[i].name, DType::f32, extents, detail::dense_strides(extents), std::as_bytes(std::span(planes[i]))});
  }
  write_safetensors(path, tensors);
}

template <class Backbone>
void show_pyramid(const Options& options) {
  const auto model = load<Backbone>(options.weights);
  const Image photo = read_image(options.photo);
  const auto image = normalize(photo, Backbone::preprocessing.mean, Backbone::preprocessing.deviation);
  Output output;
  output.write(as_utf8(options.photo) + format(" %dx%d\n", photo.height(), photo.width()));
  std::vector<SpatialResult> maps;
  for (FeatureMap& map : pyramid(model, image)) {
    maps.push_back({format("F%zu", maps.size() + 1), std::move(map)});
    output.write(describe_map(maps.back().name, maps.back().values));
  }
  if (!options.out.empty()) write_maps(options.out, maps);
  if (!options.montage.empty()) draw_feature_maps(options.montage, photo, maps, options.columns);
  output.close();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Shows the feature pyramid of a photo of any size", "backbone");
  Options options;
  app.add_option("--weights", options.weights, "checkpoint file of the classifier or of the backbone")->type_name("FILE")->required();
  add_choice(app, "--model", options.model, {"convmlp_cifar10", "convmlp_s"}, "the network")->capture_default_str();
  app.add_option("--out", options.out, "write the maps F1 to F4, [1, channels, height, width]")->type_name("FILE.safetensors");
  auto* const montage = app.add_option("--montage", options.montage, "draw the channels that vary most")->type_name("FILE.png");
  app.add_option("--columns", options.columns, "channels of each map in the montage")
      ->check(CLI::Range(1, 200))
      ->type_name("N")
      ->needs(montage)
      ->capture_default_str();
  app.add_option("PHOTO", options.photo, "JPEG or PNG file")->required();
  app.footer(examples);
  int status = exit_success;
  if (!parse_arguments(app, argc, argv, status)) return status;
  try {
    if (options.model == "convmlp_s") show_pyramid<ConvMlpSBackbone>(options);
    if (options.model == "convmlp_cifar10") show_pyramid<Cifar10Backbone>(options);
    return exit_success;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backbone: %s\n", error.what());
    return exit_failure;
  }
}
