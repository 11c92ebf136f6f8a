// SPDX-License-Identifier: MIT
#pragma once

#include <span>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// Writes tensors and text metadata as a safetensors file (the format is described in safetensors.hpp).
//
// A tensor of the type DType::scaled_i8 is written as two.
//
// The file appears under its name only when it is complete: it is written beside it and renamed. Tensors with wide elements come first, so
// that every tensor is aligned to its element; the header is padded to a multiple of 8. Throws an Error if a name is there twice or is not
// UTF-8, if a tensor is of a foreign type, or if the file cannot be written; what was there before then stays.
void write_safetensors(const FilePath& path, std::span<const TensorEntry> tensors, const Metadata& metadata = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/write_safetensors_inl.hpp"
#endif
