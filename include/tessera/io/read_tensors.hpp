// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// Reads a checkpoint of any known format, recognised by its content; the file's name does not matter. An index of shards
// (model.safetensors.index.json, pytorch_model.bin.index.json) is read together with its shards, which must lie beside it.
TensorFile read_tensors(const FilePath& path);

// The same from memory, which must be kept alive by `file.owner` or by the caller. `name` begins the messages. An index of shards is
// refused, because its shards are files.
TensorFile parse_tensors(const SharedBytes& file, const std::string& name);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/read_tensors_inl.hpp"
#endif
