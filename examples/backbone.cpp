// SPDX-License-Identifier: MIT
//
// The feature pyramid of a photo in its own size, as detectors and segmenters use it:
//   backbone --weights examples/models/convmlp_cifar10.safetensors cat.jpg
//   backbone --weights convmlp_s_imagenet.pth --model convmlp_s cat.jpg

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "tessera/engine/pyramid.hpp"
#include "tessera/load.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/vision/preprocess.hpp"
#include "tessera/vision/read_image.hpp"

using namespace tessera;

// The bundled network without its classifier, for images of any size.
struct Cifar10Backbone : ConvMlpBackbone<any_rgb, 64, 3, ConvMlpStage<2, 80, 160>, ConvMlpStage<1, 96, 192>, ConvMlpStage<1, 96, 192>> {
  static constexpr Preprocessing preprocessing = cifar10_preprocessing;
};

template <class Backbone>
void show_pyramid(const std::string& weights, const std::string& photo) {
  const auto model = load<Backbone>(weights);
  const auto [mean, std] = std::pair(Backbone::preprocessing.mean, Backbone::preprocessing.deviation);
  const auto image = normalize(read_image(photo), mean, std);
  std::cout << photo << ' ' << image.shape() << '\n';
  int level = 1;
  for (const FeatureMap& map : pyramid(model, image)) {
    const Eigen::Map<const Eigen::ArrayXf> values(map.data(), static_cast<Eigen::Index>(map.size()));
    const double average = static_cast<double>(values.mean());
    const double deviation = static_cast<double>(std::sqrt((values - values.mean()).square().mean()));
    std::printf("  F%d  %4d x %4d x %4d  mean %7.3f  std %7.3f  from %7.3f to %7.3f\n", level++, map.shape().height,
                map.shape().width, map.shape().channels, average, deviation, static_cast<double>(values.minCoeff()), static_cast<double>(values.maxCoeff()));
  }
}

int main(int argc, char** argv) {
  CLI::App app("Shows the feature pyramid of a photo");
  std::string weights, photo, name = "convmlp_cifar10";
  app.add_option("--weights", weights, "checkpoint file of the classifier or of the backbone")->required();
  app.add_option("--model", name, "convmlp_cifar10 or convmlp_s")->check(CLI::IsMember({"convmlp_cifar10", "convmlp_s"}));
  app.add_option("PHOTO", photo, "JPEG or PNG file")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    if (name == "convmlp_s") show_pyramid<ConvMlpSBackbone>(weights, photo);
    if (name == "convmlp_cifar10") show_pyramid<Cifar10Backbone>(weights, photo);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
