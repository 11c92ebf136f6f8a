// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/mlp_mixer.hpp"

void register_mixer() {
  using namespace tessera;
  bench::register_forward<MixerS32>();
  bench::register_forward<MixerS16>();
  bench::register_forward<MixerB32>();
  bench::register_forward<MixerB16>();
  bench::register_forward<MixerL32>();
  bench::register_forward<MixerL16>();
  bench::register_forward<MixerH14>();
  bench::register_forward<MixerB16Tanh>();
}
