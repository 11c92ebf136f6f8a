// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/gmlp.hpp"

void register_gmlp() {
  using namespace tessera;
  bench::register_forward<GMlpTi16>();
  bench::register_forward<GMlpS16>();
  bench::register_forward<GMlpB16>();
  bench::register_forward<GMixer12>();
  bench::register_forward<GMixer24>();
}
