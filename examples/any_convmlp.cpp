// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/conv_mlp.hpp"

std::vector<ModelEntry> convmlp_models() {
  using namespace tessera;
  return {entry_of<ConvMlpS>(), entry_of<ConvMlpM>(), entry_of<ConvMlpL>()};
}
