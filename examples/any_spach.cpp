// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/spach.hpp"

std::vector<ModelEntry> spach_models() {
  using namespace tessera;
  return {entry_of<SpachXxsConv>(), entry_of<SpachXxsMlp>(),    entry_of<SpachXxsAttn>(), entry_of<SpachXsConv>(),
          entry_of<SpachXsMlp>(),   entry_of<SpachXsAttn>(),    entry_of<SpachSConv>(),   entry_of<SpachSMlp>(),
          entry_of<SpachSAttn>(),   entry_of<SpachSMlpShared>()};
}
