// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/pickle_stack.hpp"
#include "tessera/io/pickle_value.hpp"

namespace tessera::detail {

// Reads the pickles (protocols 0 to 5) that torch.save writes, without a Python. A pickle is a program; this knows what the opcodes do to
// the values of a state dict, builds those values itself, and runs nothing: an object of any class or function that is not in
// pickle_globals is opaque. Opcodes that could reach outside of the pickle (extension registry, out-of-band buffers) are refused.
// Opcodes: CPython, Lib/pickletools.py. Texts point into the bytes, which must outlive this.
class Pickle : private PickleStack {
 public:
  // Reads one pickle from the start of `bytes`; `place` begins its error messages.
  Pickle(std::span<const std::byte> bytes, std::string place);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;
  ~Pickle();

  const PickleValue& root() const { return value(root_); }
  PickleRef root_ref() const { return root_; }
  using PickleStack::integers;
  using PickleStack::value;
  using PickleStack::value_count;
  const std::vector<PickledStorage>& storages() const { return storages_; }
  const std::vector<PickledTensor>& tensors() const { return tensors_; }
  std::size_t size() const { return position(); }
  // The place in storages() of the storage of that key, or NameIndex::none.
  std::size_t find_storage(std::string_view key) const { return keys_.find(key); }

  // The value under a key of a dict, or null. The last of several, as in Python.
  const PickleValue* find(const PickleValue& dict, std::string_view key) const;
  // An entry without bytes for a tensor or an opaque object, which is of a foreign type.
  TensorEntry entry(std::string_view name, const PickleValue& value) const;
  // "a dict", "an object of timm.models.mlp_mixer.MlpMixer".
  std::string describe(const PickleValue& value) const;

 private:
  void run();
  bool run_stack(std::uint8_t code);
  bool run_number(std::uint8_t code);
  bool run_text(std::uint8_t code);
  bool run_container(std::uint8_t code);
  bool run_object(std::uint8_t code);
  void push_global(std::string_view module, std::string_view name);
  void push_opaque(PickleRef origin);
  std::string global_name(const PickleValue& global) const;
  void push_persistent(PickleRef id);
  void push_storage(const PickleValue& id);
  void call(PickleRef callee, PickleRef arguments);
  void call_known(const PickleGlobal& callee, PickleRef callee_ref, PickleRef arguments);
  void build();
  void push_pairs(PickleRef list);
  void push_tensor(PickleRef arguments, PickleRef origin, std::size_t metadata, const PickleGlobal* dtype);
  void read_metadata(const PickleValue& metadata, PickledTensor& tensor) const;

  std::vector<PickledStorage> storages_;
  std::vector<PickledTensor> tensors_;
  NameIndex keys_;
  PickleRef root_ = 0;
};

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/pickle_inl.hpp"
#include "tessera/io/pickle_opcodes_inl.hpp"
#endif
