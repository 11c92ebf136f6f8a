// SPDX-License-Identifier: MIT
#include "forward.hpp"
#include "tessera/models/cifar10.hpp"

void register_cifar10() {
  using namespace tessera;
  bench::register_forward<ResMlpCifar10>();
  bench::register_forward<MixerCifar10>();
  bench::register_forward<SpachMsCifar10>();
  bench::register_forward<ConvMlpCifar10>();
}
