// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/gmlp.hpp"

std::vector<ModelEntry> gmlp_models() {
  using namespace tessera;
  return {entry_of<GMlpTi16>(), entry_of<GMlpS16>(), entry_of<GMlpB16>(), entry_of<GMixer12>(), entry_of<GMixer24>()};
}
