// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tessera/core/buffer.hpp"
#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/core/precision.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/layers/weights.hpp"

// A network's numbers as a safetensors file:
//
//     const auto weights = tessera::read_weights<tessera::ResMlpS24>("resmlp_24_dist.pth");
//     tessera::save(weights, "resmlp_24.safetensors", {{"model", "resmlp_24_224"}});
//     tessera::save(weights, "resmlp_24_int8.safetensors", {{"model", "resmlp_24_224"}}, tessera::Precision::int8);      // a quarter as
//     large

namespace tessera {

namespace detail {

// A parameter with the leading axes that published checkpoints have. It points to the parameter's values.
TensorEntry published_tensor(const std::string& key, const Parameter& parameter);

// The tensors of a file in which large matrices are bytes with a scale for each row, and what they point to.
struct QuantisedTensors {
  std::vector<TensorEntry> tensors;
  std::vector<Buffer> storage;

  explicit QuantisedTensors(std::vector<TensorEntry> floats);
};

}  // namespace detail

// Writes the weights in the naming and with the extents that timm (ResMLP, Mixer, gMLP) or the authors' code (SPACH, ConvMLP) gives them.
// It takes Weights<N>: a Model<N> holds folded and packed values only, from which a checkpoint cannot be had back. What is read again has
// the same bits. `metadata` is free text by key; io/metadata.hpp says which keys the library understands. A weight that blocks share is
// written under each of its keys, as PyTorch expects it. The file appears under its name when it is complete, or not at all. Throws an
// Error if a weight has no values yet.
//
// With Precision::int8 the matrices of linear layers that are not the head's are written as I8, row by row W ≈ scale · w with |w| ≤ 127.
// Such a file is read as any other, by every engine; what is read are the rounded weights.
template <class N>
void save(const Weights<N>& weights, const FilePath& path, const Metadata& metadata = {}, Precision precision = Precision::float32) {
  weights.check_bound();
  std::vector<TensorEntry> tensors;
  for (const auto& [key, parameter] : weights.parameters()) tensors.push_back(detail::published_tensor(key, *parameter));
  if (precision == Precision::int8) {
    const detail::QuantisedTensors quantised(std::move(tensors));
    return write_safetensors(path, quantised.tensors, metadata);
  }
  write_safetensors(path, tensors, metadata);
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/save_inl.hpp"
#endif
