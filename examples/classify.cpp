// SPDX-License-Identifier: MIT
//
// Classifies photos:  classify --weights resmlp_12_224.safetensors --model resmlp_12_224 cat.jpg

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "any_model.hpp"
#include "tessera/vision/labels.hpp"
#include "tessera/vision/read_image.hpp"
#include "tessera/vision/top_k.hpp"

int main(int argc, char** argv) {
  CLI::App app("Classifies photos with a published or bundled checkpoint");
  std::string weights, name;
  std::vector<std::string> photos;
  app.add_option("--weights", weights, "checkpoint file")->required();
  app.add_option("--model", name, "network, e.g. resmlp_12_224; without it what the file says or fits");
  app.add_option("PHOTO", photos, "JPEG or PNG files")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    const tessera::TensorFile file = tessera::read_tensors(weights);
    const auto model = load_any(name, file);
    std::vector<std::string> labels = tessera::read_labels(file);
    for (const std::string& photo : photos) {
      const std::vector<float> scores = model->scores(tessera::read_image(photo));
      if (labels.empty() && scores.size() == tessera::imagenet_labels().size())
        labels.assign(tessera::imagenet_labels().begin(), tessera::imagenet_labels().end());
      for (std::size_t k = labels.size(); k < scores.size(); ++k) labels.push_back("class " + std::to_string(k));
      std::cout << photo << '\n';
      for (const auto& [label, probability] : tessera::top_k(scores, labels, 5))
        std::printf("  %6.2f %%  %.*s\n", 100 * probability, static_cast<int>(label.size()), label.data());
      std::fflush(stdout);
    }
  } catch (const tessera::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
