// SPDX-License-Identifier: MIT
#pragma once

// A network's numbers as a safetensors file, in the naming and with the extents that timm (ResMLP, Mixer, gMLP) or the authors' code
// (SPACH, ConvMLP) gives them:
//
//     const auto weights = tessera::read_weights<tessera::ResMlpS24>("resmlp_24_dist.pth");
//     tessera::save(weights, "resmlp_24.safetensors", {{"model", "resmlp_24_224"}});
//
// It takes Weights<N>: a Model<N> holds folded and packed numbers only, from which a checkpoint cannot be had back. What is read again
// has the same bits. The file appears under its name when it is complete, or not at all.

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tessera/io/variants.hpp"
#include "tessera/io/write_safetensors.hpp"
#include "tessera/layers/weights.hpp"

namespace tessera {

// `metadata` is free text by key; io/self_test.hpp says which keys the library understands. A weight that blocks share is written under
// each of its keys, as PyTorch expects it.
template <class N>
void save(const Weights<N>& weights, const std::filesystem::path& path, const std::map<std::string, std::string>& metadata = {}) {
  std::vector<TensorEntry> tensors;
  weights.check_bound();
  for (const auto& [key, parameter] : weights.parameters()) {
    Extents extents = detail::extents_of(*parameter);
    extents.insert(extents.begin(), static_cast<std::size_t>(parameter->leading_axes()), 1);
    const std::span<const float> values(parameter->data(), static_cast<std::size_t>(parameter->size()));
    tensors.push_back({key, DType::f32, extents, detail::dense_strides(extents), std::as_bytes(values)});
  }
  write_safetensors(path, tensors, metadata);
}

}  // namespace tessera
