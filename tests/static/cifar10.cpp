// SPDX-License-Identifier: MIT
#include "tessera/models/cifar10.hpp"

using namespace tessera;

// Counted on examples/train/models.py.
static_assert(ResMlpCifar10::parameter_count == 479'530);
static_assert(MixerCifar10::parameter_count == 410'106);
static_assert(SpachMsCifar10::parameter_count == 1'343'520);
static_assert(ConvMlpCifar10::parameter_count == 690'458);
