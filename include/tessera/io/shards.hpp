// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

// A file in the folder of another. The name is UTF-8.
FilePath beside(const FilePath& file, const std::string& name);

// Whether a text begins as a JSON object does.
bool is_json(std::string_view text);

// An index of shards, as transformers and diffusers write it beside large checkpoints:
//     {"metadata": {...}, "weight_map": {"NAME": "model-00001-of-00002.safetensors", ...}}
// The shards are read as files of their own, in the folder of the index; a name that leads elsewhere is refused. Every tensor of the map
// must be in its shard.
TensorFile read_shards(const FilePath& index, std::string_view text);

// For a JSON text that holds no tensors.
[[noreturn]] void fail_for_json(std::string_view text, const std::string& name);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/shards_inl.hpp"
#endif
