// SPDX-License-Identifier: MIT
#pragma once

namespace bench {

// Registers the benchmarks of every network that the program was built with. CMakeLists.txt writes its definition.
void register_networks();

// Those of networks that are written as no published one is (variations.cpp).
void register_variations();

}  // namespace bench
