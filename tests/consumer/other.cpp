// SPDX-License-Identifier: MIT
#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"

long long parameters_seen_by_the_other_translation_unit() { return tessera::ResMlpS12::parameter_count; }
