// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// NumPy's .npz, in which Google publishes MLP-Mixer: a zip archive with one array NAME.npy for each tensor NAME, stored or deflated.
// Names contain '/'. An array's header is looked at, and its size compared with the archive's, before the array is unpacked. Members of
// another kind (a README, macOS's __MACOSX/) are passed over. Big-endian numbers are copied into the order of this machine.
TensorFile read_npz(const FilePath& path);
TensorFile parse_npz(const SharedBytes& file, const std::string& name);

namespace detail {

class ZipArchive;

bool has_npy_members(const ZipArchive& zip);
TensorFile read_npz_members(const ZipArchive& zip);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/npz_inl.hpp"
#endif
