// SPDX-License-Identifier: MIT
#pragma once

// What each published checkpoint calls its tensors, and what the library calls them.
//
// The library's keys are timm's for ResMLP and MLP-Mixer and the authors' for SPACH and ConvMLP. Two namings need translation:
// DeiT's (ResMLP), by timm's textual replacements, and Google's flax (Mixer), whose kernels also have their axes in another
// order. The naming is recognised by its keys alone. Prefixes of wrapping modules are taken off, counters of batch norms dropped.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/io/tensor_file.hpp"

namespace tessera {

struct NamedTensor {
  const TensorEntry* source;  // in the file
  TensorEntry tensor;         // the same bytes under the library's key, axes in the library's order
};

struct NamedTensors {
  std::string naming;
  std::vector<NamedTensor> tensors;
  std::vector<const TensorEntry*> foreign;  // no weights of the network: counters, tensors outside the prefix
};

namespace detail {

struct Naming {
  std::string_view name;
  std::string_view sign;  // a key, or the part of a key, that no other naming has
};
inline constexpr Naming flax_naming{"Google flax", "stem/kernel"};
inline constexpr Naming flax_old_naming{"Google flax (first release)", "embedding/kernel"};
inline constexpr Naming deit_naming{"DeiT", "patch_embed.proj.weight"};
inline constexpr Naming spach_naming{"Microsoft SPACH", ".channel_func."};
inline constexpr Naming convmlp_naming{"SHI-Labs ConvMLP", "tokenizer.block.0.weight"};
inline constexpr Naming timm_naming{"timm", "stem.proj.weight"};
inline constexpr Naming own_naming{"own", ""};
inline constexpr Naming namings[] = {flax_naming, flax_old_naming, deit_naming, spach_naming, convmlp_naming, timm_naming, own_naming};

// Modules that training code wraps around a network.
inline constexpr std::string_view prefixes[] = {"module.", "model.", "backbone."};
inline constexpr std::string_view counter = "num_batches_tracked";

// ResMLP: plain replacements of text, in this order (timm/models/mlp_mixer.py, checkpoint_filter_fn).
inline constexpr std::pair<std::string_view, std::string_view> deit_to_timm[] = {
    {"patch_embed.", "stem."}, {"attn.", "linear_tokens."}, {"mlp.", "mlp_channels."}, {"gamma_", "ls"}};

// Mixer. '#' stands for the number of a block. Axis i of the library's tensor is axis axes[i] of flax's, once axes of extent 1
// have been dropped from flax's as far as needed; without axes nothing changes.
struct FlaxName {
  std::string_view flax, library, axes;
};
inline constexpr FlaxName flax_names[] = {
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
inline constexpr FlaxName flax_old_names[] = {
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

inline std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

// The digits that stand for '#', or nothing if the key does not have the form of the pattern. "" where there is no '#'.
inline std::optional<std::string_view> match_block(std::string_view pattern, std::string_view key) {
  const std::size_t hash = pattern.find('#');
  if (hash == std::string_view::npos) return pattern == key ? std::optional<std::string_view>("") : std::nullopt;
  const std::string_view before = pattern.substr(0, hash), after = pattern.substr(hash + 1);
  if (key.size() <= before.size() + after.size() || !key.starts_with(before) || !key.ends_with(after)) return std::nullopt;
  const std::string_view digits = key.substr(before.size(), key.size() - before.size() - after.size());
  return digits.find_first_not_of("0123456789") == std::string_view::npos ? std::optional(digits) : std::nullopt;
}

// A tensor of another rank is left alone: its shape will not fit and is reported as it is in the file.
inline void permute(TensorEntry& tensor, std::string_view axes) {
  Extents extents = tensor.extents, strides = tensor.strides;
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

inline void rename_flax(TensorEntry& tensor, std::span<const FlaxName> names) {
  for (const FlaxName& row : names)
    if (const auto block = match_block(row.flax, tensor.name)) {
      tensor.name = replace_all(std::string(row.library), "#", *block);
      if (!row.axes.empty()) permute(tensor, row.axes);
      return;
    }
}

inline void rename_deit(TensorEntry& tensor) {
  for (const auto& [from, to] : deit_to_timm) tensor.name = replace_all(std::move(tensor.name), from, to);
}

// Where some names carry a prefix, those are the network and the others are not.
inline void strip_prefixes(NamedTensors& named) {
  const auto carried = [&](std::string_view prefix) {
    return std::any_of(named.tensors.begin(), named.tensors.end(), [&](const NamedTensor& t) { return t.tensor.name.starts_with(prefix); });
  };
  for (std::size_t i = 0; i < std::size(prefixes); ++i) {
    const std::string_view prefix = prefixes[i];
    if (!carried(prefix)) continue;
    std::vector<NamedTensor> kept;
    for (NamedTensor& t : named.tensors) {
      if (t.tensor.name.starts_with(prefix)) {
        t.tensor.name.erase(0, prefix.size());
        kept.push_back(std::move(t));
      } else {
        named.foreign.push_back(t.source);
      }
    }
    named.tensors = std::move(kept);
  }
}

inline Naming recognise(std::span<const NamedTensor> tensors) {
  for (const Naming& naming : namings) {
    const bool part = naming.sign.starts_with('.');
    for (const NamedTensor& t : tensors)
      if (part ? t.tensor.name.find(naming.sign) != std::string::npos : t.tensor.name == naming.sign) return naming;
  }
  return own_naming;
}

}  // namespace detail

// The result points into the file.
inline NamedTensors name_tensors(const TensorFile& file) {
  NamedTensors named;
  for (const TensorEntry& tensor : file.tensors) {
    if (tensor.name.ends_with(detail::counter))
      named.foreign.push_back(&tensor);
    else
      named.tensors.push_back({&tensor, tensor});
  }
  detail::strip_prefixes(named);

  const detail::Naming naming = detail::recognise(named.tensors);
  named.naming = naming.name;
  for (NamedTensor& t : named.tensors) {
    if (naming.name == detail::flax_naming.name) detail::rename_flax(t.tensor, detail::flax_names);
    if (naming.name == detail::flax_old_naming.name) detail::rename_flax(t.tensor, detail::flax_old_names);
    if (naming.name == detail::deit_naming.name) detail::rename_deit(t.tensor);
  }
  return named;
}
NamedTensors name_tensors(TensorFile&&) = delete;

}  // namespace tessera
