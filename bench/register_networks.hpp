// SPDX-License-Identifier: MIT
#pragma once

namespace bench {

// Registers the benchmarks of every network that the program was built with. CMakeLists.txt writes its definition.
void register_networks();

}  // namespace bench
