// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tessera/io/key_names.hpp"

namespace tessera {

namespace detail {

// A name that only a network of one naming has, and where it begins.
struct NamingSign {
  std::string_view sign;
  Naming naming;
};
inline constexpr std::string_view timm_names = "timm", spach_names = "Microsoft SPACH", convmlp_names = "SHI-Labs ConvMLP",
                                  deit_names = "DeiT", flax_names = "Google flax", flax_first_names = "Google flax (first release)",
                                  own_names = "own";
inline constexpr NamingSign naming_signs[] = {
    {"stem/kernel", {flax_names, Translation::flax}},
    {"stem.kernel", {flax_names, Translation::flax}},
    {"embedding/kernel", {flax_first_names, Translation::flax_first}},
    {"embedding.kernel", {flax_first_names, Translation::flax_first}},
    {"patch_embed.proj.weight", {deit_names, Translation::deit}},
    {"tokenizer.block.0.weight", {convmlp_names, Translation::none}},
    {"stem.proj.0.weight", {spach_names, Translation::none}},
    {"stem.proj.weight", {timm_names, Translation::none}},
};
inline constexpr std::string_view spach_sign = ".channel_func.";

// Modules that training code wraps around a network; for networks without a sign.
inline constexpr std::string_view wrapper_prefixes[] = {"module.", "model.", "backbone.", "_orig_mod."};
inline constexpr std::string_view counter = "num_batches_tracked";

// ResMLP: plain replacements of text, in this order (timm/models/mlp_mixer.py, checkpoint_filter_fn).
inline constexpr std::pair<std::string_view, std::string_view> deit_to_timm[] = {
    {"patch_embed.", "stem."}, {"attn.", "linear_tokens."}, {"mlp.", "mlp_channels."}, {"gamma_", "ls"}};

// Mixer. '#' stands for the number of a block. Axis i of the library's tensor is axis axes[i] of flax's, once axes of extent 1
// have been dropped from flax's as far as needed; without axes nothing changes.
struct FlaxName {
  std::string_view flax, library, axes;
};
inline constexpr FlaxName flax_table[] = {
    {"stem/kernel", "stem.proj.weight", "3201"},
    {"stem/bias", "stem.proj.bias", ""},
    {"MixerBlock_#/LayerNorm_0/scale", "blocks.#.norm1.weight", ""},
    {"MixerBlock_#/LayerNorm_0/bias", "blocks.#.norm1.bias", ""},
    {"MixerBlock_#/token_mixing/Dense_0/kernel", "blocks.#.mlp_tokens.fc1.weight", "10"},
    {"MixerBlock_#/token_mixing/Dense_0/bias", "blocks.#.mlp_tokens.fc1.bias", ""},
    {"MixerBlock_#/token_mixing/Dense_1/kernel", "blocks.#.mlp_tokens.fc2.weight", "10"},
    {"MixerBlock_#/token_mixing/Dense_1/bias", "blocks.#.mlp_tokens.fc2.bias", ""},
    {"MixerBlock_#/LayerNorm_1/scale", "blocks.#.norm2.weight", ""},
    {"MixerBlock_#/LayerNorm_1/bias", "blocks.#.norm2.bias", ""},
    {"MixerBlock_#/channel_mixing/Dense_0/kernel", "blocks.#.mlp_channels.fc1.weight", "10"},
    {"MixerBlock_#/channel_mixing/Dense_0/bias", "blocks.#.mlp_channels.fc1.bias", ""},
    {"MixerBlock_#/channel_mixing/Dense_1/kernel", "blocks.#.mlp_channels.fc2.weight", "10"},
    {"MixerBlock_#/channel_mixing/Dense_1/bias", "blocks.#.mlp_channels.fc2.bias", ""},
    {"pre_head_layer_norm/scale", "norm.weight", ""},
    {"pre_head_layer_norm/bias", "norm.bias", ""},
    {"head/kernel", "head.weight", "10"},
    {"head/bias", "head.bias", ""},
};
// The tree of the first release. It counted layers of all kinds together, so a block's second norm has another number.
inline constexpr FlaxName flax_first_table[] = {
    {"embedding/kernel", "stem.proj.weight", "3201"},
    {"embedding/bias", "stem.proj.bias", "0"},
    {"Mixer/encoderblock_#/LayerNorm_0/scale", "blocks.#.norm1.weight", "0"},
    {"Mixer/encoderblock_#/LayerNorm_0/bias", "blocks.#.norm1.bias", "0"},
    {"Mixer/encoderblock_#/token_mixing_phase_0/kernel1", "blocks.#.mlp_tokens.fc1.weight", "10"},
    {"Mixer/encoderblock_#/token_mixing_phase_0/bias1", "blocks.#.mlp_tokens.fc1.bias", "0"},
    {"Mixer/encoderblock_#/token_mixing_phase_0/kernel2", "blocks.#.mlp_tokens.fc2.weight", "10"},
    {"Mixer/encoderblock_#/token_mixing_phase_0/bias2", "blocks.#.mlp_tokens.fc2.bias", "0"},
    {"Mixer/encoderblock_#/LayerNorm_1/scale", "blocks.#.norm2.weight", "0"},
    {"Mixer/encoderblock_#/LayerNorm_1/bias", "blocks.#.norm2.bias", "0"},
    {"Mixer/encoderblock_#/LayerNorm_2/scale", "blocks.#.norm2.weight", "0"},
    {"Mixer/encoderblock_#/LayerNorm_2/bias", "blocks.#.norm2.bias", "0"},
    {"Mixer/encoderblock_#/channel_mixing_phase_0/kernel1", "blocks.#.mlp_channels.fc1.weight", "10"},
    {"Mixer/encoderblock_#/channel_mixing_phase_0/bias1", "blocks.#.mlp_channels.fc1.bias", "0"},
    {"Mixer/encoderblock_#/channel_mixing_phase_0/kernel2", "blocks.#.mlp_channels.fc2.weight", "10"},
    {"Mixer/encoderblock_#/channel_mixing_phase_0/bias2", "blocks.#.mlp_channels.fc2.bias", "0"},
    {"Mixer/encoder_norm/scale", "norm.weight", "0"},
    {"Mixer/encoder_norm/bias", "norm.bias", "0"},
    {"head/kernel", "head.weight", "10"},
    {"head/bias", "head.bias", "0"},
};

TESSERA_COLD_INLINE void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

// Whether the key has the form of the pattern, in which '/' also stands for '.', and '#' for digits, which are given back.
TESSERA_COLD_INLINE bool matches_flax(std::string_view pattern, std::string_view key, std::string_view& digits) {
  std::size_t at = 0;
  for (const char c : pattern) {
    if (c == '#') {
      const std::size_t begin = at;
      while (at < key.size() && key[at] >= '0' && key[at] <= '9') ++at;
      digits = key.substr(begin, at - begin);
      if (digits.empty()) return false;
    } else {
      if (at == key.size() || (key[at] != c && !(c == '/' && key[at] == '.'))) return false;
      ++at;
    }
  }
  return at == key.size();
}

TESSERA_COLD_INLINE std::string translate_flax(std::span<const FlaxName> table, std::string_view name, std::string_view* axes) {
  for (const FlaxName& row : table) {
    std::string_view digits;
    if (!matches_flax(row.flax, name, digits)) continue;
    std::string translated(row.library);
    replace_all(translated, "#", digits);
    *axes = row.axes;
    return translated;
  }
  return std::string(name);
}

TESSERA_COLD_INLINE std::string library_name(Translation translation, std::string_view name, std::string_view* axes) {
  *axes = {};
  if (translation == Translation::flax) return translate_flax(flax_table, name, axes);
  if (translation == Translation::flax_first) return translate_flax(flax_first_table, name, axes);
  std::string translated(name);
  if (translation == Translation::deit)
    for (const auto& [from, to] : deit_to_timm) replace_all(translated, from, to);
  return translated;
}

// A tensor of another rank is left alone: its shape will not fit and is reported as it is in the file.
TESSERA_COLD_INLINE void permute(TensorEntry& tensor, std::string_view axes) {
  Extents extents = tensor.extents, strides = tensor.strides;
  if (axes.empty() || strides.size() != extents.size()) return;
  for (std::size_t axis = extents.size(); axis-- > 0 && extents.size() > axes.size();)
    if (extents[axis] == 1) {
      extents.erase(extents.begin() + static_cast<std::ptrdiff_t>(axis));
      strides.erase(strides.begin() + static_cast<std::ptrdiff_t>(axis));
    }
  if (extents.size() != axes.size()) return;
  tensor.extents.resize(axes.size());
  tensor.strides.resize(axes.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    tensor.extents[i] = extents[static_cast<std::size_t>(axes[i] - '0')];
    tensor.strides[i] = strides[static_cast<std::size_t>(axes[i] - '0')];
  }
}

TESSERA_COLD_INLINE std::vector<std::size_t> prefix_ends(std::string_view name) {
  constexpr std::size_t most = 12;
  std::vector<std::size_t> ends{0};
  for (std::size_t i = 0; i + 1 < name.size() && ends.size() < most; ++i)
    if (name[i] == '.' || name[i] == '/') ends.push_back(i + 1);
  return ends;
}

TESSERA_COLD_INLINE std::size_t rank_of(std::string_view place) {
  if (place.empty()) return 0;
  std::size_t rank = no_rank;
  while (!place.empty()) {
    const std::string_view word = place.substr(0, place.find_first_of("./"));
    place.remove_prefix(word.size() < place.size() ? word.size() + 1 : word.size());
    std::size_t i = 0;
    for (const std::string_view known : ranked_words) {
      if (known == word && (rank == no_rank || i > rank)) rank = i;
      ++i;
    }
  }
  return rank;
}

// The prefix of a name that ends with a sign, or false.
TESSERA_COLD_INLINE bool ends_with_sign(std::string_view name, std::string_view sign, std::string_view& prefix) {
  if (!name.ends_with(sign)) return false;
  prefix = name.substr(0, name.size() - sign.size());
  return prefix.empty() || prefix.ends_with('.') || prefix.ends_with('/');
}

// The prefix with the lowest rank under which a known network begins.
TESSERA_COLD_INLINE bool find_sign(std::span<const TensorEntry> tensors, std::string_view& prefix) {
  bool found = false;
  for (const TensorEntry& tensor : tensors)
    for (const NamingSign& sign : naming_signs) {
      std::string_view here;
      if (!ends_with_sign(tensor.name, sign.sign, here)) continue;
      if (!found || rank_of(here) < rank_of(prefix)) prefix = here;
      found = true;
    }
  return found;
}

TESSERA_COLD_INLINE Naming recognise(std::span<const TensorEntry> tensors, std::string_view prefix) {
  std::size_t best = std::size(naming_signs);
  bool spach = false;
  for (const TensorEntry& tensor : tensors) {
    const std::string_view name = tensor.name;
    if (!name.starts_with(prefix)) continue;
    for (std::size_t i = 0; i < best; ++i)
      if (name.substr(prefix.size()) == naming_signs[i].sign) best = i;
    spach = spach || name.find(spach_sign) != std::string_view::npos;
  }
  if (spach) return {spach_names, Translation::none};
  return best == std::size(naming_signs) ? Naming{own_names, Translation::none} : naming_signs[best].naming;
}

TESSERA_COLD_INLINE NamedTensors name_under(std::span<const TensorEntry> tensors, std::string_view prefix, const Naming& naming) {
  NamedTensors named;
  named.naming = naming.name;
  named.prefix = prefix;
  for (const TensorEntry& tensor : tensors) {
    if (!tensor.name.starts_with(prefix) || tensor.name.ends_with(counter)) {
      named.foreign.push_back(&tensor);
      continue;
    }
    NamedTensor& here = named.tensors.emplace_back(NamedTensor{&tensor, tensor});
    std::string_view axes;
    here.tensor.name = library_name(naming.translation, std::string_view(tensor.name).substr(prefix.size()), &axes);
    permute(here.tensor, axes);
  }
  return named;
}

// The wrappers that some names carry, in the order of the list, for networks without a sign.
TESSERA_COLD_INLINE std::string wrapper_prefix(std::span<const TensorEntry> tensors) {
  std::string prefix;
  for (const std::string_view wrapper : wrapper_prefixes)
    for (const TensorEntry& tensor : tensors) {
      const std::string_view name = tensor.name;
      if (name.starts_with(prefix) && name.substr(prefix.size()).starts_with(wrapper)) {
        prefix += wrapper;
        break;
      }
    }
  return prefix;
}

TESSERA_COLD_INLINE std::size_t preferred_state(std::span<const TensorState> states) {
  std::size_t best = 0;
  std::string_view prefix;
  bool best_known = false;
  for (std::size_t i = 0; i < states.size(); ++i) {
    const bool known = find_sign(states[i].tensors, prefix);
    if (i == 0 || (known && !best_known) || (known == best_known && rank_of(states[i].place) < rank_of(states[best].place))) {
      best = i;
      best_known = known;
    }
  }
  return best;
}

}  // namespace detail

TESSERA_COLD_INLINE NamedTensors name_tensors(const TensorFile& file) {
  std::string_view sign;
  const std::string prefix = detail::find_sign(file.tensors, sign) ? std::string(sign) : detail::wrapper_prefix(file.tensors);
  return detail::name_under(file.tensors, prefix, detail::recognise(file.tensors, prefix));
}

}  // namespace tessera
