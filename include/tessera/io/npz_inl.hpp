// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/npy.hpp"
#include "tessera/io/npz.hpp"
#include "tessera/io/zip.hpp"

namespace tessera {

namespace detail {

inline constexpr std::string_view npy_ending = ".npy";

// macOS adds a member __MACOSX/._NAME.npy for the attributes of each file.
TESSERA_COLD_INLINE bool is_npy_member(const ZipArchive::Member& member) {
  return member.name.ends_with(npy_ending) && !member.name.starts_with("__MACOSX/");
}

TESSERA_COLD_INLINE bool has_npy_members(const ZipArchive& zip) {
  for (const ZipArchive::Member& member : zip.members())
    if (is_npy_member(member)) return true;
  return false;
}

TESSERA_COLD_INLINE void read_npz_member(const ZipArchive& zip, const ZipArchive::Member& member, std::uint64_t& unpacked,
                                         TensorFile& file) {
  NpyHeader header = parse_npy_header(zip.peek(member, npy_header_cap), zip.where(member));
  TensorEntry& tensor = file.tensors.emplace_back();
  tensor.name = member.name.substr(0, member.name.size() - npy_ending.size());
  tensor.dtype = header.dtype;
  tensor.extents = std::move(header.extents);
  tensor.strides = std::move(header.strides);
  if (header.dtype == DType::foreign) {
    tensor.foreign_type = std::move(header.descr);
    return;
  }
  if (member.size < header.data || member.size - header.data != header.size)
    fail(ErrorKind::damaged, zip.where(member), ": found ", member.size - header.data, " bytes of data, expected ", header.size, " for ",
         extents_part(tensor.extents), ' ', name_of(header.dtype));
  SharedBytes array = zip.read(member, unpacked);
  array.bytes = array.bytes.subspan(header.data);
  if (header.big_endian) array = with_swapped_bytes(array.bytes, size_of(header.dtype));
  if (array.owner != zip.file().owner) file.storage.push_back(array.owner);
  tensor.bytes = array.bytes;
}

TESSERA_COLD_INLINE TensorFile read_npz_members(const ZipArchive& zip) {
  TensorFile result;
  result.path = zip.name();
  result.format = "NumPy npz";
  result.storage.push_back(zip.file().owner);
  std::uint64_t unpacked = 0;
  for (const ZipArchive::Member& member : zip.members())
    if (is_npy_member(member)) read_npz_member(zip, member, unpacked, result);
  return result;
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_npz(const SharedBytes& file, const std::string& name) {
  const detail::ZipArchive zip(file, name);
  return detail::read_npz_members(zip);
}

TESSERA_COLD_INLINE TensorFile read_npz(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_npz(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
