// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// PyTorch's .pth / .pt / .bin since version 1.6: a zip archive
//
//     NAME/data.pkl    a pickle: the state dict, whose tensors name storages
//     NAME/data/KEY    the bytes of one storage each
//     NAME/byteorder   "little" or "big", in newer files
//
// NAME is "archive" or the file's own name. Members are stored without compression from multiples of 64 bytes, so tensors are used
// where they lie. Several tensors may look at one storage, with offsets and strides of their own. Only the storages of the state dict that
// is taken are read, not those of an optimizer beside it. https://pytorch.org/docs/stable/notes/serialization.html
TensorFile read_pth(const FilePath& path);
TensorFile parse_pth(const SharedBytes& file, const std::string& name);

namespace detail {

class ZipArchive;

// Whether the archive has a member NAME/data.pkl.
bool has_pth_members(const ZipArchive& zip);
TensorFile read_pth_members(std::shared_ptr<const ZipArchive> zip);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/pth_inl.hpp"
#endif
