// SPDX-License-Identifier: MIT
#pragma once

// Which published network do these tensors belong to? Sizes are read from keys and extents alone, in the library's naming, so they
// can be asked of a file (its numbers stay untouched) and of a network; known_networks lists the published ones.
//
// Depth comes from the largest number of a block, channels and patch from the stem, tokens from the weights that mix them, classes from
// the head. Not to be seen in shapes: attention heads, the form of GELU, weights that are shared.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

// Extents by key, in the order of the keys. The first of equal keys stays.
class KeyedExtents {
 public:
  // A key and its extents.
  using Entry = std::pair<std::string_view, Extents>;

  KeyedExtents() = default;
  // Sorts them.
  explicit KeyedExtents(std::vector<Entry> entries);

  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + entries_.size(); }
  std::size_t size() const { return entries_.size(); }
  // The entry of that key, or end().
  const Entry* find(std::string_view key) const;

 private:
  std::vector<Entry> entries_;
};

struct NetworkSizes {
  std::string_view family;  // as in known_networks; empty if it is another
  std::string blocks;       // likewise
  // The width, the side of a patch in pixels, and the tokens of the first block that has a weight for each.
  std::int64_t channels = 0, patch = 0, tokens = 0;
  std::int64_t classes = 0;  // 0 without a head
  friend bool operator==(const NetworkSizes&, const NetworkSizes&) = default;
};

// Blocks: how many; for SPACH in each stage how many that mix positions by convolution alone (c), an MLP (m) or attention (a); for
// ConvMLP in the convolution stage and in each of the others. Tokens: of the first block that has a weight for each, else 0.
struct KnownNetwork {
  // The paper's name, the name of the network, its family, its blocks.
  std::string_view title, name, family, blocks;
  // As in NetworkSizes.
  std::int64_t channels, patch, tokens;
};

// A test compares these rows with the table of networks (any/networks.hpp).
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

// What the tensors say.
NetworkSizes sizes_of(const KeyedExtents& tensors);
NetworkSizes sizes_of(const NamedTensors& file);
NetworkSizes sizes_of(std::span<const NamedParameter> network);

// Extents by key; the keys point into the argument.
KeyedExtents keyed_extents(const NamedTensors& file);
KeyedExtents keyed_extents(std::span<const NamedParameter> network);

// The published networks of these sizes: two for weights that may be shared, otherwise one or none.
std::vector<KnownNetwork> find_networks(const NetworkSizes& sizes);

// "Mixer-B/16 (mixer_b16_224)", or the sizes of a network that is not among the known ones.
std::string describe(const NetworkSizes& sizes);

// What to tell somebody whose file does not fit the model; nothing if sizes are not what is wrong.
std::string advice(const NetworkSizes& file, const NetworkSizes& model);

namespace detail {

Extents extents_of(const Parameter& parameter);

}  // namespace detail
}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/variants_inl.hpp"
#endif
