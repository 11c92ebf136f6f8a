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
  explicit StateSearch(const Pickle& pickle) : pickle_(pickle), seen_(pickle.value_count(), false) {}

  std::vector<StateDict> run();

 private:
  static constexpr int deepest = 8;
  static constexpr std::size_t most_states = 1000;

  struct Step {
    PickleRef value;
    int depth;
    std::string place;
  };
  void look_into(const Step& step);
  void follow(const Step& from, PickleRef to, std::string_view name);

  const Pickle& pickle_;
  std::vector<bool> seen_;
  std::vector<Step> steps_;
  std::vector<StateDict> found_;
};

TESSERA_COLD_INLINE std::vector<StateDict> StateSearch::run() {
  steps_.push_back({pickle_.root_ref(), 0, ""});
  seen_[pickle_.root_ref()] = true;
  for (std::size_t i = 0; i < steps_.size() && found_.size() < most_states; ++i) {
    const Step step = std::move(steps_[i]);
    look_into(step);
  }
  return std::move(found_);
}

TESSERA_COLD_INLINE void StateSearch::follow(const Step& from, PickleRef to, std::string_view name) {
  const PickleKind kind = pickle_.value(to).kind;
  const bool holder = kind == PickleKind::dict || kind == PickleKind::list || kind == PickleKind::tuple || kind == PickleKind::opaque;
  if (!holder || seen_[to] || from.depth == deepest || name.size() > 200) return;
  seen_[to] = true;
  steps_.push_back({to, from.depth + 1, from.place.empty() ? std::string(name) : from.place + '.' + std::string(name)});
}

TESSERA_COLD_INLINE void StateSearch::look_into(const Step& step) {
  const PickleValue& holder = pickle_.value(step.value);
  if (holder.kind == PickleKind::list || holder.kind == PickleKind::tuple) {
    constexpr std::size_t most = 100;  // longer lists hold measurements
    for (std::size_t i = 0; i < holder.items.size() && i < most; ++i) follow(step, holder.items[i], std::to_string(i));
    return;
  }
  StateDict state{step.place, {}};
  bool has_tensor = false;
  for (std::size_t i = 0; i + 1 < holder.items.size(); i += 2) {
    const PickleValue& key = pickle_.value(holder.items[i]);
    const PickleKind kind = pickle_.value(holder.items[i + 1]).kind;
    if (key.kind != PickleKind::text) continue;
    if (kind == PickleKind::tensor || kind == PickleKind::opaque) state.items.push_back({key.text, holder.items[i + 1]});
    has_tensor = has_tensor || kind == PickleKind::tensor;
    follow(step, holder.items[i + 1], key.text);
  }
  if (has_tensor) found_.push_back(std::move(state));
}

// What is in a pickle without a state dict, and what to do.
[[noreturn]] TESSERA_COLD_INLINE void fail_without_state(const Pickle& pickle, const std::string& file) {
  const PickleValue& root = pickle.root();
  constexpr const char* hint = ": save its numbers in Python with torch.save(model.state_dict(), \"weights.pth\")";
  if (root.kind == PickleKind::opaque) fail(ErrorKind::wrong_file_type, file, ": found ", pickle.describe(root), ", a whole model and no state dict", hint);
  if (root.kind != PickleKind::dict) fail(ErrorKind::wrong_file_type, file, ": found ", pickle.describe(root), ", expected a state dict", hint);
  std::string keys, object;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleValue &key = pickle.value(root.items[i]), &value = pickle.value(root.items[i + 1]);
    if (key.kind != PickleKind::text) continue;
    if (keys.size() < 200) keys += (keys.empty() ? "" : ", ") + quote(key.text);
    if (value.kind == PickleKind::opaque && value.number != 0 && (object.empty() || key.text == "model"))
      object = ", and " + pickle.describe(value) + " under " + quote(key.text) + ", whose numbers are not read" + hint;
  }
  fail(ErrorKind::wrong_file_type, file, ": found a dict without tensors (", keys, ')', object, object.empty() ? ", expected a state dict, alone or under a key" : "");
}

TESSERA_COLD_INLINE std::vector<StateDict> find_state_dicts(const Pickle& pickle, const std::string& file) {
  std::vector<StateDict> states = StateSearch(pickle).run();
  if (!states.empty()) return states;
  if (pickle.root().kind != PickleKind::dict || !pickle.root().items.empty()) fail_without_state(pickle, file);
  states.emplace_back();  // an empty state dict
  return states;
}

TESSERA_COLD_INLINE std::vector<TensorEntry> list_tensors(const Pickle& pickle, const StateDict& state, const std::string& file) {
  std::vector<TensorEntry> tensors;
  NameIndex names;
  for (const StateDict::Item& item : state.items) {
    const std::size_t before = names.size();
    if (names.add(item.name) != before) fail(ErrorKind::damaged, file, ": found tensor ", quote(item.name), " twice, expected each name once");
    TensorEntry& entry = tensors.emplace_back();
    entry.name = item.name;
    const PickleValue& value = pickle.value(item.value);
    if (value.kind == PickleKind::opaque) {
      entry.dtype = DType::foreign;
      entry.foreign_type = pickle.describe(value);
      continue;
    }
    const PickledTensor& tensor = pickle.tensors()[static_cast<std::size_t>(value.number)];
    entry.dtype = tensor.dtype;
    entry.extents = tensor.extents;
    entry.strides = tensor.strides;
    entry.negated = tensor.negated;
    if (tensor.dtype == DType::foreign) entry.foreign_type = tensor.foreign_type;
  }
  return tensors;
}

TESSERA_COLD_INLINE void point_into(TensorEntry& entry, const PickledTensor& tensor, std::span<const std::byte> storage) {
  entry.bytes = storage.subspan(static_cast<std::size_t>(tensor.offset) * size_of(entry.dtype));
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
  other.metadata = file.metadata;
  other.mapped = file.mapped;
  other.states = file.states;
  other.source = file.source;
  return other;
}

}  // namespace tessera::detail
