// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// PyTorch's .pth before version 1.6, and the Mixer files that timm released: five pickles in a row
//
//     magic number | protocol version 1001 | {"little_endian": True, ...} | the state dict | list of the storages' keys
//
// and then, for each key of the list, an int64 count of elements and their bytes, unaligned. Machines of either byte order write those in
// little-endian order.
TensorFile read_legacy_pth(const FilePath& path);
TensorFile parse_legacy_pth(const SharedBytes& file, const std::string& name);

namespace detail {

// Whether the bytes begin with a pickle of the magic number, in any protocol.
bool is_legacy_pth(std::span<const std::byte> bytes);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/legacy_pth_inl.hpp"
#endif
