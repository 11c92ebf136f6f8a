// SPDX-License-Identifier: MIT
//
// Loads the files of write_checkpoints.py and compares logits with PyTorch's:  load_checkpoints FOLDER

#include <filesystem>
#include <iostream>

#include "tessera/load.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

template <class N>
void check(const std::filesystem::path& folder) {
  const TensorFile reference = read_tensors(folder / (std::string(N::name) + ".safetensors"));
  for (const char* const ending : {".pth", ".safetensors"}) {
    const auto model = load<N>(folder / (std::string(N::name) + ending));
    std::cout << model.report() << "\n  largest difference from PyTorch's logits " << self_test(model, reference) << std::endl;
  }
}

int main(int, char** argv) {
  try {
    check<ResMlpS12>(argv[1]);
    check<MixerB16>(argv[1]);
    check<SpachMsSHybridPlus>(argv[1]);
    check<ConvMlpS>(argv[1]);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
