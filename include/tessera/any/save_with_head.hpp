// SPDX-License-Identifier: MIT
#pragma once

// A checkpoint whose classifier is replaced: what is left to write when a head was trained for other classes.
//
//     const auto file = tessera::read_tensors("resmlp_12_dist.pth");
//     const auto model = tessera::load_any(file);
//     const tessera::Metadata metadata{{"model", "resmlp_12_224"}, {"labels", R"(["cat", "dog"])"}};
//     tessera::save_with_head(*model, file, {weight, bias}, "pets.safetensors", metadata);

#include <span>
#include <string>

#include "tessera/any/any_model.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/file_path.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// y = weight·x + bias: classes × channels values, row after row, and one for each class.
struct HeadValues {
  std::span<const float> weight, bias;  // classes × channels, and classes
};

// Writes all weights of `file`, of which `model` was loaded, as float32 under their published names, with this head in place of their own.
// `state` is the one that the model was loaded with (AnyOptions::state). Throws an Error if the model has no head, if the sizes do not fit,
// or if the file cannot be written.
void save_with_head(const AnyModel& model, const TensorFile& file, const HeadValues& head, const FilePath& path,
                    const Metadata& metadata = {}, const std::string& state = {});

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/any/save_with_head_inl.hpp"
#endif
