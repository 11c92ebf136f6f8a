// SPDX-License-Identifier: MIT
#pragma once

// Reads a checkpoint of any known format, recognised by its content; the file's name does not matter.

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tessera/core/error.hpp"
#include "tessera/io/legacy_pth.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/npz.hpp"
#include "tessera/io/pth.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

inline TensorFile parse_tensors(const SharedBytes& file, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.bytes.data()), file.bytes.size());
  constexpr std::string_view expected = ", expected a safetensors, .pth or .npz file";
  if (text.size() > 8 && text[8] == '{') return parse_safetensors(file, name);
  if (text.starts_with("PK\x03\x04")) {
    detail::ZipArchive zip(file, name);
    if (detail::find_pth_pickle(zip) != nullptr) return detail::read_pth_members(zip);
    const auto is_array = [](const auto& member) { return member.name.ends_with(detail::npy_ending); };
    if (std::any_of(zip.members().begin(), zip.members().end(), is_array)) return detail::read_npz_members(zip);
    detail::fail(name, ": found a zip archive without data.pkl and without .npy arrays", expected);
  }
  if (text.starts_with(detail::legacy_pth_magic)) return parse_legacy_pth(file, name);

  if (text.starts_with("version https://git-lfs"))
    detail::fail(name, ": found a git-lfs pointer", expected, " (fetch it with git lfs pull)");
  if (text.starts_with('<')) detail::fail(name, ": found a web page or XML", expected);
  detail::fail(name, ": found a file that starts with ", detail::quote(text.substr(0, 16)), expected);
}

inline TensorFile read_tensors(const std::filesystem::path& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_tensors(mapped, path.string());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
