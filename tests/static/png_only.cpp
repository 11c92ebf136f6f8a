// SPDX-License-Identifier: MIT

// read_image.hpp with one decoder does not need the other one's library.
#undef TESSERA_JPEG
#ifndef TESSERA_PNG
#define TESSERA_PNG
#endif
#include "tessera/vision/read_image.hpp"

#ifdef JPEG_LIB_VERSION
#error "jpeglib.h is included"
#endif
