// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/spach.hpp"

void register_spach() {
  using namespace tessera;
  bench::register_forward<SpachXxsConv>();
  bench::register_forward<SpachXxsMlp>();
  bench::register_forward<SpachXxsAttn>();
  bench::register_forward<SpachXsConv>();
  bench::register_forward<SpachXsMlp>();
  bench::register_forward<SpachXsAttn>();
  bench::register_forward<SpachSConv>();
  bench::register_forward<SpachSMlp>();
  bench::register_forward<SpachSAttn>();
  bench::register_forward<SpachSMlpShared>();
}
