// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/tensor_file.hpp"

// The state dicts of an unpickled PyTorch checkpoint: a checkpoint is one, or holds some beside its optimizer, arguments and counters.

namespace tessera::detail {

// A dict that has at least one tensor under a text.
struct StateDict {
  std::string place;  // how it is reached: "", "model", "state.model", "models.0"
  PickleRef dict;
};

// All of them, by way of dicts with texts as keys, lists and tuples; those that are nearer to the root come first. Throws an Error that
// begins with `file` and says what to do if there is none.
std::vector<StateDict> find_state_dicts(const Pickle& pickle, const std::string& file);

// The states of a pickle whose storages are somewhere in the same file.
class PickledStates : public TensorStates {
 public:
  // All states, their tensors without bytes. Throws an Error if a name is twice in one of them.
  std::vector<TensorState> list() const;
  TensorFile read(std::size_t state) const override;

 protected:
  PickledStates(SharedBytes file, std::string name) : file_(std::move(file)), name_(std::move(name)) {}
  void set(std::unique_ptr<const Pickle> pickle);
  const Pickle& pickle() const { return *pickle_; }

  SharedBytes file_;
  std::string name_;

 private:
  // The bytes of a storage, as many as the pickle says. `unpacked` counts the bytes that were unpacked for the same state.
  virtual SharedBytes storage(std::size_t place, const TensorEntry& entry, std::uint64_t& unpacked) const = 0;
  std::vector<TensorEntry> tensors(const StateDict& state, std::vector<PickleRef>* values) const;

  std::unique_ptr<const Pickle> pickle_;
  std::vector<StateDict> states_;
};

// The states of a file, and the bytes of the one that is taken if nothing else is known: see preferred_state in key_names.hpp.
TensorFile file_of_states(const std::string& path, const std::string& format, std::vector<TensorState> states,
                          std::shared_ptr<const TensorStates> source);

// Another of the file's states: its tensors, and what they need.
TensorFile read_state(const TensorFile& file, std::size_t state);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/state_dict_inl.hpp"
#endif
