// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

// What each published checkpoint calls its tensors, and what the library calls them.
//
// The library's keys are timm's for ResMLP and MLP-Mixer and the authors' for SPACH and ConvMLP. Two namings need translation: DeiT's
// (ResMLP), by timm's textual replacements, and Google's flax (Mixer), whose kernels also have their axes in another order and whose
// levels are joined by '/' or '.'. The naming is recognised by its keys alone. Prefixes of wrapping modules are taken off, counters of
// batch norms dropped.

namespace tessera {

struct NamedTensor {
  const TensorEntry* source;  // in the file
  TensorEntry tensor;         // the same bytes under the library's key, axes in the library's order
};

struct NamedTensors {
  std::string naming;                       // "timm", "Google flax", ...
  std::string prefix;                       // what was taken off the names: "", "module.", "params/"
  std::vector<NamedTensor> tensors;         // those of the network
  std::vector<const TensorEntry*> foreign;  // no weights of the network: counters, tensors outside the prefix
};

// The tensors of a file in the library's naming, with the prefix under which a known network begins. `assign` knows the network's own keys
// and takes the prefix under which they are. The result points into the file.
NamedTensors name_tensors(const TensorFile& file);
NamedTensors name_tensors(TensorFile&&) = delete;

namespace detail {

// How names become the library's.
enum class Translation : unsigned char { none, deit, flax, flax_first };
inline constexpr Translation translations[] = {Translation::none, Translation::deit, Translation::flax, Translation::flax_first};

// The library's name for a name without its prefix, and the order of its axes (io/key_names_inl.hpp) where that changes.
std::string library_name(Translation translation, std::string_view name, std::string_view* axes);

// Extents (and strides) in the library's order.
void permute(TensorEntry& tensor, std::string_view axes);

// Where a prefix of a name may end: after each '.' and each '/', and at 0. At most 12 places.
std::vector<std::size_t> prefix_ends(std::string_view name);

struct Naming {
  std::string_view name;
  Translation translation;
};
// The naming of the tensors that begin with the prefix.
Naming recognise(std::span<const TensorEntry> tensors, std::string_view prefix);

NamedTensors name_under(std::span<const TensorEntry> tensors, std::string_view prefix, const Naming& naming);

// Of two sets of weights the one with the lower rank is taken. A place in a checkpoint ("model", "state.model_ema") and a prefix of names
// ("ema_model.") have the rank of their word that comes last in this order; without such a word they have `no_rank`. "" has rank 0.
inline constexpr std::string_view ranked_words[] = {
    "model",   "state_dict_ema", "state_dict", "model_state", "model_state_dict", "module",      "net",
    "network", "params_ema",     "params",     "target",      "teacher",          "student",     "weights",
    "weight",  "ema_state_dict", "ema",        "model_ema",   "ema_model",        "online_model"};
inline constexpr std::size_t no_rank = 1000;
std::size_t rank_of(std::string_view place);

// The state that is read if the network is not known: one whose names are those of a known network before others, then by rank.
std::size_t preferred_state(std::span<const TensorState> states);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/key_names_inl.hpp"
#endif
