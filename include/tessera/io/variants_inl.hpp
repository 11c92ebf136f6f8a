// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/io/sorted_order.hpp"
#include "tessera/io/variants.hpp"

namespace tessera {

TESSERA_COLD_INLINE KeyedExtents::KeyedExtents(std::vector<Entry> entries) {
  const auto before = [](const void* all, std::uint32_t a, std::uint32_t b) {
    return static_cast<const Entry*>(all)[a].first < static_cast<const Entry*>(all)[b].first;
  };
  entries_.reserve(entries.size());
  for (const std::uint32_t i : detail::sorted_order(entries.size(), before, entries.data()))
    if (entries_.empty() || entries_.back().first != entries[i].first) entries_.push_back(std::move(entries[i]));
}

TESSERA_COLD_INLINE const KeyedExtents::Entry* KeyedExtents::find(std::string_view key) const {
  std::size_t first = 0, last = entries_.size();
  while (first < last) {
    const std::size_t middle = first + (last - first) / 2;
    if (entries_[middle].first < key)
      first = middle + 1;
    else
      last = middle;
  }
  return first < entries_.size() && entries_[first].first == key ? entries_.data() + first : end();
}

namespace detail {

TESSERA_COLD_INLINE Extents extents_of(const Parameter& parameter) {
  Extents extents;
  for (int axis = 0; axis < parameter.rank(); ++axis) extents.push_back(parameter.extent(axis));
  return extents;
}

// The extents of the first tensor whose key contains `part`; zeros where there are none.
struct FirstExtents {
  std::int64_t at[4] = {};
  std::int64_t operator[](std::size_t axis) const { return at[axis]; }
};
TESSERA_COLD_INLINE FirstExtents first_extents(const KeyedExtents& tensors, std::string_view part) {
  FirstExtents extents;
  for (const auto& [key, found] : tensors) {
    if (key.find(part) == std::string_view::npos) continue;
    for (std::size_t axis = 0; axis < 4 && axis < found.size(); ++axis) extents.at[axis] = found[axis];
    break;
  }
  return extents;
}

// One letter for each block PREFIX0., PREFIX1., ...: c, or m or a if it has a SPACH's spatial function of that kind.
TESSERA_COLD_INLINE std::string kinds_of_blocks(const KeyedExtents& tensors, std::string_view prefix) {
  constexpr std::size_t most = 1000;  // a file may name any number
  std::string kinds;
  for (const auto& [key, extents] : tensors) {
    if (!key.starts_with(prefix)) continue;
    const std::string_view rest = key.substr(prefix.size());
    std::size_t index = 0, digits = 0;
    for (; digits < rest.size() && digits < 4 && rest[digits] >= '0' && rest[digits] <= '9'; ++digits)
      index = index * 10 + static_cast<std::size_t>(rest[digits] - '0');
    if (digits == 0 || index >= most) continue;
    if (index >= kinds.size()) kinds.resize(index + 1, 'c');
    if (key.ends_with(".spatial_func.fc1.weight")) kinds[index] = 'm';
    if (key.ends_with(".spatial_func.qkv.weight")) kinds[index] = 'a';
  }
  return kinds;
}

// "cccaa" is "3c+2a".
TESSERA_COLD_INLINE std::string run_lengths(std::string_view kinds) {
  std::string text;
  while (!kinds.empty()) {
    const std::size_t run = std::min(kinds.find_first_not_of(kinds[0]), kinds.size());
    text += concat(text.empty() ? "" : "+", run, kinds[0]);
    kinds.remove_prefix(run);
  }
  return text;
}

TESSERA_COLD_INLINE std::string count_of_blocks(const KeyedExtents& tensors, std::string_view prefix) {
  return std::to_string(kinds_of_blocks(tensors, prefix).size());
}

TESSERA_COLD_INLINE std::string spach_blocks(const KeyedExtents& tensors) {
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

TESSERA_COLD_INLINE NetworkSizes sizes_of(const KeyedExtents& tensors) {
  NetworkSizes sizes;
  const auto extents = [&](std::string_view part) { return detail::first_extents(tensors, part); };
  const auto has = [&](std::string_view part) { return extents(part)[0] != 0; };

  const detail::FirstExtents stem = extents("stem.proj.weight");
  sizes.channels = stem[0];
  sizes.patch = stem[2];
  sizes.classes = extents("head.weight")[0];
  sizes.blocks = detail::count_of_blocks(tensors, "blocks.");
  if (has("tokenizer.block.")) {
    sizes.family = "ConvMLP";
    sizes.channels = extents("tokenizer.block.6.weight")[0];
    sizes.blocks = detail::count_of_blocks(tensors, "conv_stages.conv_blocks.");
    for (const std::string_view stage : {"stages.0.blocks.", "stages.1.blocks.", "stages.2.blocks."})
      sizes.blocks += ' ' + detail::count_of_blocks(tensors, stage);
  } else if (has(".channel_func.")) {
    sizes.family = "SPACH";
    sizes.blocks = detail::spach_blocks(tensors);
    sizes.tokens = extents(".spatial_func.fc1.weight")[1];
    if (const detail::FirstExtents last = extents("stem.proj.9.weight"); last[0] != 0) {
      sizes.family = "SPACH with the deep stem";
      sizes.channels = last[0];
      sizes.patch = last[2] < 1 << 20 ? 2 * last[2] : 0;
    }
  } else if (has(".linear_tokens.")) {
    sizes.family = "ResMLP";
    sizes.tokens = extents(".linear_tokens.weight")[1];
  } else if (has(".mlp_tokens.")) {
    const detail::FirstExtents first = extents(".mlp_tokens.fc1.weight"), second = extents(".mlp_tokens.fc2.weight");
    sizes.family = first[0] == second[1] ? "MLP-Mixer" : "gMixer";  // the gate takes half of the first layer's results
    sizes.tokens = first[1];
  } else if (has(".mlp_channels.gate.")) {
    sizes.family = "gMLP";
    sizes.tokens = extents(".mlp_channels.gate.proj.weight")[1];
  }
  return sizes;
}

TESSERA_COLD_INLINE KeyedExtents keyed_extents(const NamedTensors& file) {
  std::vector<KeyedExtents::Entry> entries;
  for (const NamedTensor& found : file.tensors) entries.emplace_back(found.tensor.name, found.tensor.extents);
  return KeyedExtents(std::move(entries));
}
TESSERA_COLD_INLINE KeyedExtents keyed_extents(std::span<const NamedParameter> network) {
  std::vector<KeyedExtents::Entry> entries;
  for (const NamedParameter& p : network) entries.emplace_back(p.key, detail::extents_of(*p.parameter));
  return KeyedExtents(std::move(entries));
}

TESSERA_COLD_INLINE NetworkSizes sizes_of(const NamedTensors& file) { return sizes_of(keyed_extents(file)); }
TESSERA_COLD_INLINE NetworkSizes sizes_of(std::span<const NamedParameter> network) { return sizes_of(keyed_extents(network)); }

TESSERA_COLD_INLINE std::vector<KnownNetwork> find_networks(const NetworkSizes& sizes) {
  std::vector<KnownNetwork> found;
  for (const KnownNetwork& known : known_networks)
    if (known.family == sizes.family && known.blocks == sizes.blocks && known.channels == sizes.channels && known.patch == sizes.patch &&
        known.tokens == sizes.tokens)
      found.push_back(known);
  return found;
}

TESSERA_COLD_INLINE std::string describe(const NetworkSizes& sizes) {
  using detail::concat;
  if (sizes.family.empty()) return "a network of another family";
  if (const auto known = find_networks(sizes); !known.empty()) return concat(known[0].title, " (", known[0].name, ')');
  std::string text = concat(sizes.family, " of ", sizes.blocks, " blocks, ", sizes.channels, " channels");
  if (sizes.patch != 0) text += concat(", patch ", sizes.patch);
  if (sizes.tokens != 0) text += concat(", ", sizes.tokens, " tokens");
  return text;
}

TESSERA_COLD_INLINE std::string advice(const NetworkSizes& file, const NetworkSizes& model) {
  if (file.family.empty() || file == model) return "";
  const auto classes = [&](const NetworkSizes& sizes) {
    if (file.classes == model.classes) return std::string();
    return sizes.classes == 0 ? std::string(" without a head") : detail::concat(" with ", sizes.classes, " classes");
  };
  return detail::concat("this looks like ", describe(file), classes(file), ", you asked for ", describe(model), classes(model));
}

}  // namespace tessera
