// SPDX-License-Identifier: MIT
#pragma once

// A whole file in memory, with a limit on its size. Pipes and other files that do not know their size are read to their end.

#include <cstddef>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"

namespace tessera::detail {

// Throws Error if there is no such file, it cannot be read, or has more than `limit` bytes. `expected` ends the message: "a JPEG or PNG
// file".
std::vector<std::byte> read_file(const FilePath& path, std::size_t limit, std::string_view expected);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/vision/read_file_inl.hpp"
#endif
