// SPDX-License-Identifier: MIT
#pragma once

// Reads a checkpoint of any known format, recognised by its content; the file's name does not matter.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

inline TensorFile parse_tensors(const SharedBytes& file, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  if (text.size() > 8 && text[8] == '{') return parse_safetensors(file, name);

  constexpr std::string_view expected = ", expected a safetensors, .pth or .npz file";
  if (text.starts_with("version https://git-lfs"))
    detail::fail(name, ": found a git-lfs pointer", expected, " (fetch it with git lfs pull)");
  if (text.starts_with('<')) detail::fail(name, ": found a web page or XML", expected);
  detail::fail(name, ": found a file that starts with ", detail::quote(text.substr(0, 16)), expected);
}

inline TensorFile read_tensors(const std::filesystem::path& path) { return parse_tensors(map_file(path), path.string()); }

}  // namespace tessera
