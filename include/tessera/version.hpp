// SPDX-License-Identifier: MIT
#pragma once

// The version of the library. Semantic versioning: what stands in namespace tessera stays source-compatible within a major version;
// tessera::detail may change at any time.

#define TESSERA_VERSION_MAJOR 1
// Changes with new features.
#define TESSERA_VERSION_MINOR 0
// Changes with corrections alone.
#define TESSERA_VERSION_PATCH 0
// All three as a text.
#define TESSERA_VERSION "1.0.0"
// One number to compare: 1.2.3 is 10203.
#define TESSERA_VERSION_NUMBER (TESSERA_VERSION_MAJOR * 10000 + TESSERA_VERSION_MINOR * 100 + TESSERA_VERSION_PATCH)

// Every header of the library meets this check first. One message is better than a thousand: to include a file that does not exist ends the
// compilation.
#if __cplusplus < 202002L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 202002L)
#error "Tessera needs C++20 (-std=c++20)"
#include "Tessera needs C++20"
#endif
