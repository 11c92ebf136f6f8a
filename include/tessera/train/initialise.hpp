// SPDX-License-Identifier: MIT
#pragma once

// First weights, as the authors and timm choose them. They depend on the seed and on each parameter's name, and on nothing else.
//
//     matrices             uniform within ±√(6 / (rows + columns))         Initialisation::xavier, timm's for MLP-Mixer and ResMLP
//                          normal, deviation 0.02, cut at ±2               Initialisation::truncated_normal, the authors' of ResMLP, SPACH,
//                                                                          ConvMLP
//     kernels              normal, variance 2 / (kernel area · outputs)    He et al. 2015, arXiv:1502.01852, by outputs; depthwise: area
//     alone patch embeddings     normal, variance 1 / fan-in, cut at ±2σ         LeCun et al. 1998; timm the head             zeros with
//     xavier, as timm and flax have them; else as the other matrices LayerScale           ResMLP by depth: 0.1 up to 18 blocks, 1e-5 up to
//     24, 1e-6 above; gamma_1 of SPACH: 0.1 α, norms' weights, running variances 1; β, all biases, running means 0
//
// Touvron et al. 2021, ResMLP, arXiv:2105.03404, section 2 (LayerScale); Glorot & Bengio 2010 (Xavier).

#include <cmath>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>

#include "tessera/layers/weights.hpp"
#include "tessera/train/draws.hpp"

namespace tessera {

// How matrices begin.
enum class Initialisation { xavier, truncated_normal };

namespace detail {

// The values of one parameter. blocks: how many blocks the network has.
void initialise(std::string_view key, const Parameter& parameter, int blocks, Initialisation how, std::uint64_t seed,
                std::span<float> values);
// How many blocks have a LayerScale called ls1.
int blocks_with_scale(std::span<const NamedParameter> parameters);

}  // namespace detail

// Gives all parameters and statistics their first values. Throws Error if a parameter has no memory: allocate() gives it.
template <class N>
void initialise(Weights<N>& weights, std::uint64_t seed, Initialisation how = Initialisation::xavier) {
  const auto parameters = weights.parameters();
  const int blocks = detail::blocks_with_scale(parameters);
  std::set<const float*> done;  // what blocks share has the first block's name
  for (const NamedParameter& named : parameters) {
    const std::span<float> values = weights[named.key];
    if (done.insert(values.data()).second) detail::initialise(named.key, *named.parameter, blocks, how, seed, values);
  }
}

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/initialise_inl.hpp"
#endif
