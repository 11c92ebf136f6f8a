// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/resmlp.hpp"

void register_resmlp() {
  using namespace tessera;
  bench::register_forward<ResMlpS12>();
  bench::register_forward<ResMlpS24>();
  bench::register_forward<ResMlpS36>();
  bench::register_forward<ResMlpB24>();
  bench::register_forward<ResMlpB24P8>();
}
