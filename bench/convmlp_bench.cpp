// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/conv_mlp.hpp"

void register_convmlp() {
  using namespace tessera;
  bench::register_forward<ConvMlpS>();
  bench::register_forward<ConvMlpM>();
  bench::register_forward<ConvMlpL>();
}
