// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

// What a checkpoint may say in its metadata, all optional:
//   labels     ["cat", "dog", ...], a JSON array with one text for each class
//   model      the name of the network
//   self_test  see io/self_test.hpp

namespace tessera {

// Empty if the file carries no labels. Throws an Error if they are no JSON array of texts.
std::vector<std::string> read_labels(const TensorFile& file);

// Empty if the file does not say.
std::string read_model_name(const TensorFile& file);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/metadata_inl.hpp"
#endif
