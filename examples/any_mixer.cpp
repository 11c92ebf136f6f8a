// SPDX-License-Identifier: MIT
#include "any_model.hpp"
#include "tessera/models/mlp_mixer.hpp"

std::vector<ModelEntry> mixer_models() {
  using namespace tessera;
  return {entry_of<MixerS32>(),
          entry_of<MixerS16>(),
          entry_of<MixerB32>(),
          entry_of<MixerB16>(),
          entry_of<MixerL32>(),
          entry_of<MixerL16>(),
          entry_of<MixerH14>(),
          entry_of<MixerB16Tanh>(),
          entry_of<MixerL16Tanh>(),
          entry_of_checkpoint<MixerB16In21k>(),
          entry_of_checkpoint<MixerL16In21k>(),
          entry_of_checkpoint<MixerB16MiilIn21k>(),
          entry_of_checkpoint<MixerB16MiilIn21kIn1k>()};
}
