// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/cifar10.hpp"

std::vector<ModelEntry> cifar10_models() {
  using namespace tessera;
  return {entry_of<ResMlpCifar10>(), entry_of<MixerCifar10>(), entry_of<SpachMsCifar10>(), entry_of<ConvMlpCifar10>()};
}
