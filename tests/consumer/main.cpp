// SPDX-License-Identifier: MIT
#include <cstdio>

#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"

long long parameters_seen_by_the_other_translation_unit();

int main() {
  static_assert(tessera::ResMlpS12::parameters == 15'350'872);
  return parameters_seen_by_the_other_translation_unit() == tessera::ResMlpS12::parameters ? 0 : 1;
}
