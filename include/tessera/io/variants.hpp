// SPDX-License-Identifier: MIT
#pragma once

// Which published network do these tensors belong to? Sizes are read from keys and extents alone, in the library's naming, so they
// can be asked of a file (its numbers stay untouched) and of a network; known_networks lists the published ones.
//
// Depth comes from the largest number of a block, channels and patch from the stem, tokens from the weights that mix them, classes from
// the head. Not to be seen in shapes: attention heads, the form of GELU, weights that are shared.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/parameter.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

using KeyedExtents = std::map<std::string_view, Extents>;

struct NetworkSizes {
  std::string family;  // as in known_networks; empty if it is another
  std::string blocks;  // likewise
  std::int64_t channels = 0, patch = 0, tokens = 0;
  std::int64_t classes = 0;  // 0 without a head
  friend bool operator==(const NetworkSizes&, const NetworkSizes&) = default;
};

// Blocks: how many; for SPACH in each stage how many that mix positions by convolution alone (c), an MLP (m) or attention (a); for
// ConvMLP in the convolution stage and in each of the others. Tokens: of the first block that has a weight for each, else 0.
struct KnownNetwork {
  std::string_view title, name, family, blocks;
  std::int64_t channels, patch, tokens;
};

// clang-format off
inline constexpr KnownNetwork known_networks[] = {
    {"ResMLP-S12",    "resmlp_12_224",             "ResMLP", "12", 384, 16, 196},
    {"ResMLP-S24",    "resmlp_24_224",             "ResMLP", "24", 384, 16, 196},
    {"ResMLP-S36",    "resmlp_36_224",             "ResMLP", "36", 384, 16, 196},
    {"ResMLP-B24/16", "resmlp_big_24_patch16_224", "ResMLP", "24", 768, 16, 196},
    {"ResMLP-B24/8",  "resmlp_big_24_224",         "ResMLP", "24", 768,  8, 784},

    {"Mixer-S/32", "mixer_s32_224", "MLP-Mixer",  "8",  512, 32,  49},
    {"Mixer-S/16", "mixer_s16_224", "MLP-Mixer",  "8",  512, 16, 196},
    {"Mixer-B/32", "mixer_b32_224", "MLP-Mixer", "12",  768, 32,  49},
    {"Mixer-B/16", "mixer_b16_224", "MLP-Mixer", "12",  768, 16, 196},
    {"Mixer-L/32", "mixer_l32_224", "MLP-Mixer", "24", 1024, 32,  49},
    {"Mixer-L/16", "mixer_l16_224", "MLP-Mixer", "24", 1024, 16, 196},
    {"Mixer-H/14", "mixer_h14_224", "MLP-Mixer", "32", 1280, 14, 256},

    {"SPACH-Conv-XXS",     "spach_xxs_patch16_224_conv",     "SPACH", "12c", 384, 16,   0},
    {"SPACH-MLP-XXS",      "spach_xxs_patch16_224_mlp",      "SPACH", "12m", 384, 16, 196},
    {"SPACH-Trans-XXS",    "spach_xxs_patch16_224_attn",     "SPACH", "12a", 192, 16,   0},
    {"SPACH-Conv-XS",      "spach_xs_patch16_224_conv",      "SPACH", "24c", 384, 16,   0},
    {"SPACH-MLP-XS",       "spach_xs_patch16_224_mlp",       "SPACH", "24m", 384, 16, 196},
    {"SPACH-Trans-XS",     "spach_xs_patch16_224_attn",      "SPACH", "12a", 384, 16,   0},
    {"SPACH-Conv-S",       "spach_s_patch16_224_conv",       "SPACH", "24c", 512, 16,   0},
    {"SPACH-MLP-S",        "spach_s_patch16_224_mlp",        "SPACH", "24m", 512, 16, 196},
    {"SPACH-MLP-S+Shared", "spach_s_patch16_224_mlp_shared", "SPACH", "24m", 512, 16, 196},
    {"SPACH-Trans-S",      "spach_s_patch16_224_attn",       "SPACH", "12a", 512, 16,   0},

    {"SPACH-Conv-MS-XXS",     "spach_ms_xxs_patch4_224_conv",     "SPACH", "2c 2c 6c 2c",  64, 4,   0},
    {"SPACH-MLP-MS-XXS",      "spach_ms_xxs_patch4_224_mlp",      "SPACH", "2c 2m 6m 2m",  64, 4, 784},
    {"SPACH-Trans-MS-XXS",    "spach_ms_xxs_patch4_224_attn",     "SPACH", "2c 2a 6a 2a",  32, 4,   0},
    {"SPACH-Conv-MS-XS",      "spach_ms_xs_patch4_224_conv",      "SPACH", "3c 4c 12c 3c", 96, 4,   0},
    {"SPACH-MLP-MS-XS",       "spach_ms_xs_patch4_224_mlp",       "SPACH", "3c 4m 12m 3m", 96, 4, 784},
    {"SPACH-Trans-MS-XS",     "spach_ms_xs_patch4_224_attn",      "SPACH", "3c 4a 12a 3a", 64, 4,   0},
    {"SPACH-Conv-MS-S",       "spach_ms_s_patch4_224_conv",       "SPACH", "3c 4c 12c 3c", 128, 4,   0},
    {"SPACH-MLP-MS-S",        "spach_ms_s_patch4_224_mlp",        "SPACH", "3c 4m 12m 3m", 128, 4, 784},
    {"SPACH-MLP-MS-S+Shared", "spach_ms_s_patch4_224_mlp_shared", "SPACH", "3c 4m 12m 3m", 128, 4, 784},
    {"SPACH-Trans-MS-S",      "spach_ms_s_patch4_224_attn",       "SPACH", "3c 4a 12a 3a",  96, 4,   0},
    {"SPACH-Hybrid-MS-XS",  "spach_ms_xs_patch4_224_hybrid",       "SPACH", "3c 4c 2c+10a 1c+2a",     96, 4, 0},
    {"SPACH-Hybrid-MS-S",   "spach_ms_s_patch4_224_hybrid",        "SPACH", "3c 2c+2a 2c+10a 1c+2a", 128, 4, 0},
    {"SPACH-Hybrid-MS-XS+", "spach_ms_xs_patch4_224_hybrid_conv4", "SPACH with the deep stem", "3c 4c 2c+10a 1c+2a",     96, 4, 0},
    {"SPACH-Hybrid-MS-S+",  "spach_ms_s_patch4_224_hybrid_conv4",  "SPACH with the deep stem", "3c 2c+2a 2c+10a 1c+2a", 128, 4, 0},

    {"ConvMLP-S", "convmlp_s", "ConvMLP", "2 2 4 2", 64, 0, 0},
    {"ConvMLP-M", "convmlp_m", "ConvMLP", "3 3 6 3", 64, 0, 0},
    {"ConvMLP-L", "convmlp_l", "ConvMLP", "3 4 8 3", 96, 0, 0},

    {"gMLP-Ti/16", "gmlp_ti16_224", "gMLP", "30", 128, 16, 196},
    {"gMLP-S/16",  "gmlp_s16_224",  "gMLP", "30", 256, 16, 196},
    {"gMLP-B/16",  "gmlp_b16_224",  "gMLP", "30", 512, 16, 196},
    {"gMixer-12", "gmixer_12_224", "gMixer", "12", 384, 16, 196},
    {"gMixer-24", "gmixer_24_224", "gMixer", "24", 384, 16, 196},
};
// clang-format on

namespace detail {

inline Extents extents_of(const Parameter& parameter) {
  Extents extents;
  for (int axis = 0; axis < parameter.rank(); ++axis) extents.push_back(parameter.extent(axis));
  return extents;
}

// The extents of the first tensor whose key contains `part`, as many as are asked for; zeros if there is none.
inline Extents first_extents(const KeyedExtents& tensors, std::string_view part, std::size_t rank) {
  Extents extents;
  for (const auto& [key, found] : tensors)
    if (extents.empty() && key.find(part) != std::string_view::npos) extents = found;
  extents.resize(rank);
  return extents;
}

// One letter for each block PREFIX0., PREFIX1., ...: c, or m or a if it has a SPACH's spatial function of that kind.
inline std::string kinds_of_blocks(const KeyedExtents& tensors, std::string_view prefix) {
  constexpr std::size_t most = 1000;  // a file may name any number
  std::string kinds;
  for (const auto& [key, extents] : tensors) {
    std::size_t index = most;
    if (key.starts_with(prefix)) std::from_chars(key.data() + prefix.size(), key.data() + key.size(), index);
    if (index >= most) continue;
    if (index >= kinds.size()) kinds.resize(index + 1, 'c');
    if (key.ends_with(".spatial_func.fc1.weight")) kinds[index] = 'm';
    if (key.ends_with(".spatial_func.qkv.weight")) kinds[index] = 'a';
  }
  return kinds;
}

// "cccaa" is "3c+2a".
inline std::string run_lengths(std::string_view kinds) {
  std::string text;
  while (!kinds.empty()) {
    const std::size_t run = std::min(kinds.find_first_not_of(kinds[0]), kinds.size());
    text += (text.empty() ? "" : "+") + std::to_string(run) + kinds[0];
    kinds.remove_prefix(run);
  }
  return text;
}

inline std::string count_of_blocks(const KeyedExtents& tensors, std::string_view prefix) {
  return std::to_string(kinds_of_blocks(tensors, prefix).size());
}

inline std::string spach_blocks(const KeyedExtents& tensors) {
  if (const std::string kinds = kinds_of_blocks(tensors, "blocks."); !kinds.empty()) return run_lengths(kinds);
  std::string text = run_lengths(kinds_of_blocks(tensors, "layer1."));
  for (const std::string_view stage : {"layer2.", "layer3.", "layer4."}) {
    std::string kinds = kinds_of_blocks(tensors, stage);
    if (!kinds.empty()) kinds.erase(0, 1);  // number 0 is the down-sampling
    text += ' ' + run_lengths(kinds);
  }
  return text;
}

}  // namespace detail

inline NetworkSizes sizes_of(const KeyedExtents& tensors) {
  NetworkSizes sizes;
  const auto extents = [&](std::string_view part, std::size_t rank) { return detail::first_extents(tensors, part, rank); };
  const auto has = [&](std::string_view part) { return extents(part, 1)[0] != 0; };

  const Extents stem = extents("stem.proj.weight", 4);
  sizes.channels = stem[0];
  sizes.patch = stem[2];
  sizes.classes = extents("head.weight", 2)[0];
  sizes.blocks = detail::count_of_blocks(tensors, "blocks.");
  if (has("tokenizer.block.")) {
    sizes.family = "ConvMLP";
    sizes.channels = extents("tokenizer.block.6.weight", 4)[0];
    sizes.blocks = detail::count_of_blocks(tensors, "conv_stages.conv_blocks.");
    for (const std::string_view stage : {"stages.0.blocks.", "stages.1.blocks.", "stages.2.blocks."})
      sizes.blocks += ' ' + detail::count_of_blocks(tensors, stage);
  } else if (has(".channel_func.")) {
    sizes.family = "SPACH";
    sizes.blocks = detail::spach_blocks(tensors);
    sizes.tokens = extents(".spatial_func.fc1.weight", 2)[1];
    if (const Extents last = extents("stem.proj.9.weight", 4); last[0] != 0) {
      sizes.family = "SPACH with the deep stem";
      sizes.channels = last[0];
      sizes.patch = 2 * last[2];
    }
  } else if (has(".linear_tokens.")) {
    sizes.family = "ResMLP";
    sizes.tokens = extents(".linear_tokens.weight", 2)[1];
  } else if (has(".mlp_tokens.")) {
    const Extents first = extents(".mlp_tokens.fc1.weight", 2), second = extents(".mlp_tokens.fc2.weight", 2);
    sizes.family = first[0] == second[1] ? "MLP-Mixer" : "gMixer";  // the gate takes half of the first layer's results
    sizes.tokens = first[1];
  } else if (has(".mlp_channels.gate.")) {
    sizes.family = "gMLP";
    sizes.tokens = extents(".mlp_channels.gate.proj.weight", 2)[1];
  }
  return sizes;
}

inline NetworkSizes sizes_of(const NamedTensors& file) {
  KeyedExtents tensors;
  for (const NamedTensor& found : file.tensors) tensors.emplace(found.tensor.name, found.tensor.extents);
  return sizes_of(tensors);
}
inline NetworkSizes sizes_of(std::span<const NamedParameter> network) {
  KeyedExtents tensors;
  for (const NamedParameter& p : network) tensors.emplace(p.key, detail::extents_of(*p.parameter));
  return sizes_of(tensors);
}

// Two for weights that may be shared, otherwise one or none.
inline std::vector<KnownNetwork> find_networks(const NetworkSizes& sizes) {
  std::vector<KnownNetwork> found;
  for (const KnownNetwork& known : known_networks)
    if (known.family == sizes.family && known.blocks == sizes.blocks && known.channels == sizes.channels && known.patch == sizes.patch &&
        known.tokens == sizes.tokens)
      found.push_back(known);
  return found;
}

// "Mixer-B/16 (mixer_b16_224)", or the sizes of a network that is not among the known ones.
inline std::string describe(const NetworkSizes& sizes) {
  if (sizes.family.empty()) return "a network of another family";
  if (const auto known = find_networks(sizes); !known.empty()) return std::string(known[0].title) + " (" + std::string(known[0].name) + ')';
  std::string text = sizes.family + " of " + sizes.blocks + " blocks, " + std::to_string(sizes.channels) + " channels";
  if (sizes.patch != 0) text += ", patch " + std::to_string(sizes.patch);
  if (sizes.tokens != 0) text += ", " + std::to_string(sizes.tokens) + " tokens";
  return text;
}

// What to tell somebody whose file does not fit the model; nothing if sizes are not what is wrong.
inline std::string advice(const NetworkSizes& file, const NetworkSizes& model) {
  if (file.family.empty() || file == model) return "";
  const auto named = [&](const NetworkSizes& sizes) {
    if (file.classes == model.classes) return describe(sizes);
    return describe(sizes) + (sizes.classes == 0 ? " without a head" : " with " + std::to_string(sizes.classes) + " classes");
  };
  return "this looks like " + named(file) + ", you asked for " + named(model);
}

}  // namespace tessera
