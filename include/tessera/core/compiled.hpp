// SPDX-License-Identifier: MIT
#pragma once

// The one switch between header-only use and the compiled library. Functions that are not templates are declared in X.hpp and defined in
// X_inl.hpp. By default X.hpp includes X_inl.hpp, and the functions are inline. With TESSERA_COMPILED, which the CMake target
// tessera::compiled defines, X.hpp leaves the definitions out, and the library has them.
//
// TESSERA_INLINE stands before such a definition. TESSERA_COLD_INLINE does the same for code that runs a few times in a program, such as
// parsing: compilers that know the attribute optimise it for size, which also takes them less time.

#include "tessera/version.hpp"

// Macros of these names, which <windows.h> defines, would break the headers. Eigen and GCC's standard library undefine them as well.
#undef min
#undef max

#ifdef TESSERA_COMPILED
#define TESSERA_INLINE
#else
#define TESSERA_INLINE inline
#endif

#if defined(__GNUC__)
#define TESSERA_COLD_INLINE [[gnu::cold]] TESSERA_INLINE
#else
#define TESSERA_COLD_INLINE TESSERA_INLINE
#endif
