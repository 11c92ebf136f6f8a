// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/tensor_file.hpp"

// Where in a checkpoint a network's weights are: in which of its states, and after which prefix of the names.

namespace tessera::detail {

// What a network needs, by key. Several keys may lead to one parameter, and one key to several.
class WantedTensors {
 public:
  explicit WantedTensors(std::span<const NamedParameter> wanted);

  std::span<const NamedParameter> all() const { return wanted_; }
  // The place in all() of the first entry of that key, or NameIndex::none.
  std::size_t find(std::string_view key) const;
  // The next entry of the same key, or NameIndex::none.
  std::size_t next(std::size_t i) const { return next_[i]; }
  // The number of the parameter that entry `i` leads to.
  std::uint32_t group(std::size_t i) const { return groups_[i]; }
  std::size_t group_count() const { return group_count_; }

 private:
  std::span<const NamedParameter> wanted_;
  NameIndex keys_;
  std::vector<std::uint32_t> first_;   // of each key of keys_, its first place in wanted_
  std::vector<std::size_t> next_;      // of each place in wanted_
  std::vector<std::uint32_t> groups_;  // of each place in wanted_
  std::size_t group_count_ = 0;
};

// Whether a tensor of these extents can be that parameter; a vector may have leading axes of extent one.
bool same_extents(const Extents& file, const Parameter& parameter);

// How well the tensors after one prefix fit. It points into the names of the tensors.
struct PrefixFit {
  std::string_view prefix;
  Translation translation = Translation::none;
  std::size_t fitting = 0;  // parameters with a tensor of the right name, extents and kind of type
  std::size_t named = 0;    // parameters with a tensor of the right name
};

// The prefixes after which there is anything of the network, the best first; at least one.
std::vector<PrefixFit> fits_of(std::span<const TensorEntry> tensors, const WantedTensors& wanted);

// A state of a file and a prefix. It points into the file.
struct FoundWeights {
  std::size_t state = 0;
  PrefixFit prefix;
  std::vector<std::string> passed_over;  // others that fit as well: "model_ema", "state_dict, names after \"online_model.\""
};

// Where the network is, or where most of it is. `wanted_state` is the place of a state or a prefix (without its last '.' or '/'); "" leaves
// the choice to the ranks in key_names.hpp. Throws an Error that names both if two fit and no rank tells them apart, or if there is no
// state of the wanted name.
FoundWeights find_weights(const TensorFile& file, const WantedTensors& wanted, const std::string& wanted_state);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/fit_inl.hpp"
#endif
