// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/spach.hpp"

void register_spach_ms() {
  using namespace tessera;
  bench::register_forward<SpachMsXxsConv>();
  bench::register_forward<SpachMsXxsMlp>();
  bench::register_forward<SpachMsXxsAttn>();
  bench::register_forward<SpachMsXsConv>();
  bench::register_forward<SpachMsXsMlp>();
  bench::register_forward<SpachMsXsAttn>();
  bench::register_forward<SpachMsSConv>();
  bench::register_forward<SpachMsSMlp>();
  bench::register_forward<SpachMsSAttn>();
  bench::register_forward<SpachMsSMlpShared>();
  bench::register_forward<SpachMsXsHybrid>();
  bench::register_forward<SpachMsXsHybridPlus>();
  bench::register_forward<SpachMsSHybrid>();
  bench::register_forward<SpachMsSHybridPlus>();
}
