// SPDX-License-Identifier: MIT
#pragma once

#include "tessera/core/error.hpp"
#include "tessera/vision/image_options.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE void fail_decoding(std::string_view name, std::string_view kind, std::string_view message) {
  fail(ErrorKind::damaged, name, ": the ", kind, " decoder found \"", message, "\", expected a complete, undamaged ", kind, " file");
}

TESSERA_COLD_INLINE void check_file_size(std::string_view name, std::string_view kind, std::size_t bytes, std::uint64_t least,
                                         std::int64_t height, std::int64_t width) {
  if (least <= bytes) return;
  fail(ErrorKind::damaged, name, ": found ", bytes, " bytes, too few for a ", kind, " image of ", width, "×", height,
       " pixels, expected at least ", least);
}

TESSERA_COLD_INLINE void warn_of_damage(const ImageOptions& options, std::string_view name, std::string_view what,
                                        std::string_view message) {
  if (options.warnings == nullptr) return;
  const bool quoted = !message.empty();
  options.warnings->push_back(concat(name, ": ", what, quoted ? "; the decoder found \"" : "", message, quoted ? "\"" : ""));
}

}  // namespace tessera::detail
