// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/spach.hpp"

std::vector<ModelEntry> spach_ms_models() {
  using namespace tessera;
  return {entry_of<SpachMsXxsConv>(), entry_of<SpachMsXxsMlp>(),     entry_of<SpachMsXxsAttn>(),  entry_of<SpachMsXsConv>(),
          entry_of<SpachMsXsMlp>(),   entry_of<SpachMsXsAttn>(),     entry_of<SpachMsSConv>(),    entry_of<SpachMsSMlp>(),
          entry_of<SpachMsSAttn>(),   entry_of<SpachMsSMlpShared>(), entry_of<SpachMsXsHybrid>(), entry_of<SpachMsXsHybridPlus>(),
          entry_of<SpachMsSHybrid>(), entry_of<SpachMsSHybridPlus>()};
}
