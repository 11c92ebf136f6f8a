// SPDX-License-Identifier: MIT

// read_image.hpp with one decoder does not need the other one's library.
#undef TESSERA_PNG
#ifndef TESSERA_JPEG
#define TESSERA_JPEG
#endif
#include "tessera/vision/read_image.hpp"

#ifdef PNG_LIBPNG_VER_STRING
#error "png.h is included"
#endif
