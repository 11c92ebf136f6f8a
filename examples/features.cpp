// SPDX-License-Identifier: MIT
//
// How alike are photos to a network? Prints the cosine of the angle between their pooled features:
//   features --weights resmlp_12_224.safetensors --model resmlp_12_224 a.jpg b.jpg c.jpg

#include <CLI/CLI.hpp>
#include <Eigen/Core>
#include <cstdio>
#include <iostream>

#include "tessera/load_any.hpp"
#include "tessera/vision/read_image.hpp"

int main(int argc, char** argv) {
  CLI::App app("Compares photos by their features");
  std::string weights, name;
  std::vector<std::string> photos;
  app.add_option("--weights", weights, "checkpoint file")->required();
  app.add_option("--model", name, "network; without it what the file says or fits");
  app.add_option("PHOTO", photos, "two or more JPEG or PNG files")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const auto model = tessera::load_any(weights, {.name = name});
    std::vector<Eigen::VectorXf> directions;
    for (const std::string& photo : photos) {
      const auto pooled = model->features(tessera::read_image(photo));
      directions.push_back(Eigen::Map<const Eigen::VectorXf>(pooled.data(), static_cast<Eigen::Index>(pooled.size())).normalized());
    }
    for (std::size_t a = 0; a < photos.size(); ++a)
      for (std::size_t b = a + 1; b < photos.size(); ++b)
        std::printf("%6.3f  %s  %s\n", static_cast<double>(directions[a].dot(directions[b])), photos[a].c_str(), photos[b].c_str());
  } catch (const tessera::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
