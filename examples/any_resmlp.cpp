// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/resmlp.hpp"

std::vector<ModelEntry> resmlp_models() {
  using namespace tessera;
  return {entry_of<ResMlpS12>(), entry_of<ResMlpS24>(), entry_of<ResMlpS36>(), entry_of<ResMlpB24>(), entry_of<ResMlpB24P8>()};
}
