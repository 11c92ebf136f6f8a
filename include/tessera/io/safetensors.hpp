// SPDX-License-Identifier: MIT
#pragma once

// The safetensors format, read and written.
//
//     u64 little-endian N | N bytes of JSON, padded with spaces | data
//     JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {"key": "text"}}
//
// Offsets count from the start of the data and must cover all of it: no hole, no overlap, nothing after the last tensor.
// https://huggingface.co/docs/safetensors. Trap: nothing aligns the data, so a float may start at any byte.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/mapped_file.hpp"
#include "tessera/io/safetensors_header.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

namespace detail {

inline constexpr std::uint64_t safetensors_header_cap = 100'000'000;

// Sizes must fit the offsets, and the offsets must tile the data.
inline void check_safetensors_offsets(const SafetensorsHeader& header, std::size_t data_size, const std::string& file) {
  std::vector<const SafetensorsHeader::Tensor*> order;
  for (const auto& tensor : header.tensors) {
    const std::int64_t begin = (*tensor.offsets)[0], end = (*tensor.offsets)[1];
    const auto size = checked_bytes(*tensor.shape, *tensor.dtype);
    const auto place = [&] { return concat(file, ": tensor ", quote(tensor.name)); };
    if (!size) fail(place(), ": found shape ", print_extents(*tensor.shape), ", whose size does not fit in 63 bits");
    if (begin > end) fail(place(), ": found data_offsets ", begin, " to ", end, ", expected begin <= end");
    if (end - begin != *size)
      fail(place(), ": found ", end - begin, " bytes of data, expected ", *size, " for ", print_extents(*tensor.shape), ' ', *tensor.dtype);
    if (static_cast<std::uint64_t>(end) > data_size)
      fail(place(), ": found data up to byte ", end, ", but the file holds ", data_size, " bytes of data");
    order.push_back(&tensor);
  }
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return *a->offsets < *b->offsets; });
  std::int64_t covered = 0;
  for (const auto* tensor : order) {
    const std::int64_t begin = (*tensor->offsets)[0];
    if (begin != covered)
      fail(file, ": tensor ", quote(tensor->name), ": found data from byte ", begin, ", expected ", covered,
           begin < covered ? " (it overlaps the tensor before it)" : " (a hole before it)");
    covered = (*tensor->offsets)[1];
  }
  if (static_cast<std::uint64_t>(covered) != data_size)
    fail(file, ": found ", data_size, " bytes of data, expected ", covered, ": the end of the last tensor is the end of the file");
}

}  // namespace detail

inline TensorFile parse_safetensors(const SharedBytes& file, const std::string& name) {
  const std::span<const std::byte> bytes = file.bytes;
  if (bytes.size() < 8) detail::fail(name, ": found ", bytes.size(), " bytes, expected a safetensors header of at least 8");
  const auto header_size = detail::load<std::uint64_t>(bytes.data());
  if (header_size > detail::safetensors_header_cap)
    detail::fail(name, ": found a header of ", header_size, " bytes, expected at most ", detail::safetensors_header_cap);
  if (header_size > bytes.size() - 8)
    detail::fail(name, ": found a header of ", header_size, " bytes, but the file holds ", bytes.size() - 8, " after the header's length");

  detail::SafetensorsHeader header = detail::read_safetensors_header(bytes.subspan(8, static_cast<std::size_t>(header_size)), name);
  const auto data = bytes.subspan(8 + static_cast<std::size_t>(header_size));
  detail::check_safetensors_offsets(header, data.size(), name);

  TensorFile result{name, "safetensors", {}, std::move(header.metadata), {file.owner}};
  for (auto& tensor : header.tensors) {
    const auto begin = static_cast<std::size_t>((*tensor.offsets)[0]), end = static_cast<std::size_t>((*tensor.offsets)[1]);
    result.tensors.push_back(
        {std::move(tensor.name), *tensor.dtype, *tensor.shape, detail::dense_strides(*tensor.shape), data.subspan(begin, end - begin)});
  }
  return result;
}

inline TensorFile read_safetensors(const std::filesystem::path& path) { return parse_safetensors(map_file(path), path.string()); }

}  // namespace tessera
