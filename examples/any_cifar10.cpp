// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/cifar10.hpp"

std::vector<ModelEntry> cifar10_models() { return {entry_of<tessera::ResMlpCifar10>()}; }
