// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/tensor_file.hpp"

// The state dicts of an unpickled PyTorch checkpoint: a checkpoint is one, or holds some beside its optimizer, arguments and counters.

namespace tessera::detail {

// A dict that has at least one tensor under a text.
struct StateDict {
  struct Item {
    std::string_view name;
    PickleRef value;  // a tensor or an opaque object
  };
  std::string place;  // how it is reached: "", "model", "state.model", "models.0"
  std::vector<Item> items;
};

// All of them, by way of dicts with texts as keys, lists and tuples; those that are nearer to the root come first. Throws an Error that
// begins with `file` and says what to do if there is none.
std::vector<StateDict> find_state_dicts(const Pickle& pickle, const std::string& file);

// The tensors of a state dict without their bytes. An opaque object is one of a foreign type. Throws an Error if a name is there twice.
std::vector<TensorEntry> list_tensors(const Pickle& pickle, const StateDict& state, const std::string& file);

// `storage` are the bytes of the tensor's storage, as many as the pickle says.
void point_into(TensorEntry& entry, const PickledTensor& tensor, std::span<const std::byte> storage);

// The states of a file, and the bytes of the one that is taken if nothing else is known: see preferred_state in key_names.hpp.
TensorFile file_of_states(const std::string& path, const std::string& format, std::vector<TensorState> states,
                          std::shared_ptr<const TensorStates> source);

// The file with the tensors of another of its states.
TensorFile read_state(const TensorFile& file, std::size_t state);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/state_dict_inl.hpp"
#endif
