// SPDX-License-Identifier: MIT
//
// Classifies photos:  classify --weights resmlp_12_224.safetensors --model resmlp_12_224 cat.jpg

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "tessera/load_any.hpp"
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
    const auto model = tessera::load_any(weights, {.name = name});
    for (const std::string& photo : photos) {
      const auto scores = model->scores(tessera::read_image(photo));
      std::cout << photo << '\n';
      for (const auto& [index, label, probability] : tessera::top_k(scores, model->labels(), 5))
        std::printf("  %6.2f %%  %.*s\n", 100 * probability, static_cast<int>(label.size()), label.data());
      std::fflush(stdout);
    }
  } catch (const tessera::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
