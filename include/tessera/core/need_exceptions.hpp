// SPDX-License-Identifier: MIT
#pragma once

// Included by the headers that cannot do without exceptions.

#if !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#error "Tessera: reading files and images needs exceptions. Without them (-fno-exceptions), use tessera/core, layers, models and engine."
#endif
