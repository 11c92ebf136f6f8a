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

namespace detail {

// As the modules declare them: these vectors have leading axes of extent one.
inline Extents published_extents(const std::string& key, const Parameter& parameter) {
  Extents extents = extents_of(parameter);
  if (key.ends_with(".alpha") || key.ends_with(".beta") || key.ends_with(".gamma_1")) extents.insert(extents.begin(), 2, 1);
  return extents;
}

}  // namespace detail

// `metadata` is free text by key; io/self_test.hpp says which keys the library understands. A weight that blocks share is written under
// each of its keys, as PyTorch expects it.
template <class N>
void save(const Weights<N>& weights, const std::filesystem::path& path, const std::map<std::string, std::string>& metadata = {}) {
  std::vector<TensorEntry> tensors;
  detail::visit_parameters(weights.layers(), [&](const Key& key, const Parameter& parameter) {
    const std::string name = key.str();
    if (parameter.data() == nullptr)
      detail::fail(path.string(), ": cannot write: ", name, " has no numbers yet, expected weights that were read");
    const Extents extents = detail::published_extents(name, parameter);
    const std::span<const float> numbers(parameter.data(), static_cast<std::size_t>(parameter.size()));
    tensors.push_back({name, DType::f32, extents, detail::dense_strides(extents), std::as_bytes(numbers)});
  });
  write_safetensors(path, tensors, metadata);
}

}  // namespace tessera
