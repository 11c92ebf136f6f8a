// SPDX-License-Identifier: MIT
#pragma once

// NumPy's .npz, in which Google publishes MLP-Mixer: a zip archive with one array NAME.npy for each tensor NAME, stored or deflated.
// Names contain '/'. An array's header is looked at, and its size compared with the archive's, before the array is unpacked.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/npy.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

namespace detail {

inline constexpr std::string_view npy_ending = ".npy";

inline TensorFile read_npz_members(ZipArchive& zip) {
  TensorFile result{zip.name(), "NumPy npz", {}, {}, {zip.file().owner}};
  for (const ZipArchive::Member& member : zip.members()) {
    if (!member.name.ends_with(npy_ending)) fail(zip.where(member), ": expected a name that ends in .npy");
    NpyHeader header = parse_npy_header(zip.peek(member, npy_header_cap), zip.where(member));
    if (member.size < header.data || member.size - header.data != header.size)
      fail(zip.where(member), ": found ", member.size - header.data, " bytes of data, expected ", header.size, " for ",
           print_extents(header.extents), ' ', header.dtype);
    const SharedBytes array = zip.read(member);
    if (array.owner != zip.file().owner) result.storage.push_back(array.owner);
    result.tensors.push_back({member.name.substr(0, member.name.size() - npy_ending.size()), header.dtype, std::move(header.extents),
                              std::move(header.strides), array.bytes.subspan(header.data)});
  }
  return result;
}

}  // namespace detail

inline TensorFile parse_npz(const SharedBytes& file, const std::string& name) {
  detail::ZipArchive zip(file, name);
  return detail::read_npz_members(zip);
}

inline TensorFile read_npz(const std::filesystem::path& path) { return parse_npz(map_file(path), path.string()); }

}  // namespace tessera
