// SPDX-License-Identifier: MIT
#include "tessera/models/cifar10.hpp"

using namespace tessera;

// Counted on examples/train/models.py.
static_assert(ResMlpCifar10::parameters == 479'530);
static_assert(MixerCifar10::parameters == 410'106);
static_assert(SpachMsCifar10::parameters == 1'343'520);
static_assert(ConvMlpCifar10::parameters == 690'458);
