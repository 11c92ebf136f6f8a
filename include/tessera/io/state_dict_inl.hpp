// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/state_dict.hpp"

namespace tessera::detail {

// Goes through a pickle breadth first. A value that can be reached in several ways is looked at once.
class StateSearch {
 public:
  explicit StateSearch(const Pickle& pickle) : pickle_(pickle), seen_(pickle.value_count(), 0) {}

  std::vector<StateDict> run();

 private:
  static constexpr std::uint32_t deepest = 8, none = ~std::uint32_t{0};
  static constexpr std::size_t most_states = 1000;

  struct Step {
    PickleRef value;
    std::uint32_t from, depth;  // the step before it
    std::string_view key;       // of a dict
    std::size_t index;          // of a list
  };
  void look_into(std::uint32_t step);
  void follow(std::uint32_t from, PickleRef to, std::string_view key, std::size_t index);
  std::string place(std::uint32_t step) const;

  const Pickle& pickle_;
  std::vector<std::uint32_t> seen_;
  std::vector<Step> steps_;
  std::vector<StateDict> found_;
};

TESSERA_COLD_INLINE std::vector<StateDict> StateSearch::run() {
  steps_.push_back({pickle_.root_ref(), none, 0, {}, 0});
  seen_[pickle_.root_ref()] = 1;
  for (std::uint32_t i = 0; i < steps_.size() && found_.size() < most_states; ++i) look_into(i);
  return std::move(found_);
}

TESSERA_COLD_INLINE std::string StateSearch::place(std::uint32_t step) const {
  std::string text;
  for (; steps_[step].from != none; step = steps_[step].from) {
    const Step& here = steps_[step];
    std::string part = here.key.empty() ? std::to_string(here.index) : std::string(here.key);
    if (!text.empty()) part += '.';
    text.insert(0, part);
  }
  return text;
}

TESSERA_COLD_INLINE void StateSearch::follow(std::uint32_t from, PickleRef to, std::string_view key, std::size_t index) {
  const PickleKind kind = pickle_.value(to).kind;
  const bool holder = kind == PickleKind::dict || kind == PickleKind::list || kind == PickleKind::tuple || kind == PickleKind::opaque;
  if (!holder || seen_[to] != 0 || steps_[from].depth == deepest || key.size() > 200) return;
  seen_[to] = 1;
  steps_.push_back({to, from, steps_[from].depth + 1, key, index});
}

TESSERA_COLD_INLINE void StateSearch::look_into(std::uint32_t step) {
  const PickleRef ref = steps_[step].value;
  const PickleValue& holder = pickle_.value(ref);
  if (holder.kind == PickleKind::list || holder.kind == PickleKind::tuple) {
    constexpr std::size_t most = 100;  // longer lists hold measurements
    for (std::size_t i = 0; i < holder.items.size() && i < most; ++i) follow(step, holder.items[i], {}, i);
    return;
  }
  bool has_tensor = false;
  for (std::size_t i = 0; i + 1 < holder.items.size(); i += 2) {
    const PickleValue& key = pickle_.value(holder.items[i]);
    if (key.kind != PickleKind::text) continue;
    has_tensor = has_tensor || pickle_.value(holder.items[i + 1]).kind == PickleKind::tensor;
    follow(step, holder.items[i + 1], key.text, i / 2);
  }
  if (has_tensor) found_.push_back({place(step), ref});
}

// What is in a pickle without a state dict, and what to do.
[[noreturn]] TESSERA_COLD_INLINE void fail_without_state(const Pickle& pickle, const std::string& file) {
  const PickleValue& root = pickle.root();
  constexpr const char* hint = ": save its numbers in Python with torch.save(model.state_dict(), \"weights.pth\")";
  if (root.kind == PickleKind::opaque)
    fail(ErrorKind::wrong_file_type, file, ": found ", pickle.describe(root), ", a whole model and no state dict", hint);
  if (root.kind != PickleKind::dict)
    fail(ErrorKind::wrong_file_type, file, ": found ", pickle.describe(root), ", expected a state dict", hint);
  std::string keys, object;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleValue &key = pickle.value(root.items[i]), &value = pickle.value(root.items[i + 1]);
    if (key.kind != PickleKind::text) continue;
    if (keys.size() < 200) keys += (keys.empty() ? "" : ", ") + quote(key.text);
    if (value.kind == PickleKind::opaque && value.number != 0 && (object.empty() || key.text == "model"))
      object = ", and " + pickle.describe(value) + " under " + quote(key.text) + ", whose numbers are not read" + hint;
  }
  fail(ErrorKind::wrong_file_type, file, ": found a dict without tensors (", keys, ')', object,
       object.empty() ? ", expected a state dict, alone or under a key" : "");
}

TESSERA_COLD_INLINE std::vector<StateDict> find_state_dicts(const Pickle& pickle, const std::string& file) {
  std::vector<StateDict> states = StateSearch(pickle).run();
  if (!states.empty()) return states;
  if (pickle.root().kind != PickleKind::dict || !pickle.root().items.empty()) fail_without_state(pickle, file);
  states.push_back({"", pickle.root_ref()});  // an empty state dict
  return states;
}

TESSERA_COLD_INLINE void PickledStates::set(std::unique_ptr<const Pickle> pickle) {
  pickle_ = std::move(pickle);
  states_ = find_state_dicts(*pickle_, name_);
}

// The tensors of a state and, if they are asked for, their values in the pickle.
TESSERA_COLD_INLINE std::vector<TensorEntry> PickledStates::tensors(const StateDict& state, std::vector<PickleRef>* values) const {
  std::vector<TensorEntry> entries;
  NameIndex names;
  const PickleValue& dict = pickle_->value(state.dict);
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue &key = pickle_->value(dict.items[i]), &value = pickle_->value(dict.items[i + 1]);
    if (key.kind != PickleKind::text || (value.kind != PickleKind::tensor && value.kind != PickleKind::opaque)) continue;
    const std::size_t before = names.size();
    if (names.add(key.text) != before)
      fail(ErrorKind::damaged, name_, ": found tensor ", in_quotes(key.text), " twice, expected each name once");
    entries.push_back(pickle_->entry(key.text, value));
    if (values != nullptr) values->push_back(dict.items[i + 1]);
  }
  return entries;
}

TESSERA_COLD_INLINE std::vector<TensorState> PickledStates::list() const {
  std::vector<TensorState> states;
  for (const StateDict& state : states_) states.push_back({state.place, tensors(state, nullptr)});
  return states;
}

TESSERA_COLD_INLINE TensorFile PickledStates::read(std::size_t number) const {
  TensorFile result;
  result.storage.push_back(file_.owner);
  std::vector<PickleRef> values;
  result.tensors = tensors(states_[number], &values);
  std::vector<SharedBytes> storages(pickle_->storages().size());
  std::vector<std::uint32_t> known(storages.size(), 0);
  std::uint64_t unpacked = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    TensorEntry& entry = result.tensors[i];
    if (entry.dtype == DType::foreign) continue;
    const PickledTensor& tensor = pickle_->tensors()[static_cast<std::size_t>(pickle_->value(values[i]).number)];
    SharedBytes& bytes = storages[tensor.storage];
    if (known[tensor.storage] == 0) {
      known[tensor.storage] = 1;
      bytes = storage(tensor.storage, entry, unpacked);
      if (bytes.owner != file_.owner) result.storage.push_back(bytes.owner);
    }
    entry.bytes = bytes.bytes.subspan(static_cast<std::size_t>(tensor.offset) * size_of(entry.dtype));
  }
  return result;
}

TESSERA_COLD_INLINE std::string format_under(const std::string& format, const std::string& place) {
  return place.empty() ? format : format + ", under " + quote(place);
}

TESSERA_COLD_INLINE TensorFile file_of_states(const std::string& path, const std::string& format, std::vector<TensorState> states,
                                              std::shared_ptr<const TensorStates> source) {
  const std::size_t preferred = preferred_state(states);
  TensorFile file = source->read(preferred);
  file.path = path;
  file.place = states[preferred].place;
  file.format = format_under(format, file.place);
  if (states.size() > 1) {
    file.states = std::move(states);
    file.source = std::move(source);
  }
  return file;
}

TESSERA_COLD_INLINE TensorFile read_state(const TensorFile& file, std::size_t state) {
  TensorFile other = file.source->read(state);
  other.path = file.path;
  other.place = file.states[state].place;
  other.format = format_under(file.format.substr(0, file.format.find(", under ")), other.place);
  other.mapped = file.mapped;
  return other;
}

}  // namespace tessera::detail
