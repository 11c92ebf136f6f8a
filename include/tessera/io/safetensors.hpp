// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// The safetensors format:
//
//     u64 little-endian N | N bytes of JSON, padded with spaces | data
//     JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {"key": "text"}}
//
// Offsets count from the start of the data and must cover all of it: no hole, no overlap, nothing after the last tensor. Fields that the
// format does not name are passed over; a dtype that is not known makes a tensor of a foreign type.
// https://huggingface.co/docs/safetensors. An I8 tensor NAME of two axes or more with a tensor NAME_scale beside it, F32 with one number
// for each index of the first axis, is read as one tensor NAME of the type DType::scaled_i8, and written as two. Trap: nothing aligns the
// data, so a float may start at any byte. io/write_safetensors.hpp writes the format.
TensorFile read_safetensors(const FilePath& path);
TensorFile parse_safetensors(const SharedBytes& file, const std::string& name);

namespace detail {

// How the name of the scales of bytes ends.
inline constexpr std::string_view scale_ending = "_scale";

// Whether the bytes begin with a length and the brace of a header.
bool is_safetensors(std::span<const std::byte> bytes);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/safetensors_inl.hpp"
#endif
