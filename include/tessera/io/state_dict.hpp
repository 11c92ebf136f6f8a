// SPDX-License-Identifier: MIT
#pragma once

// Finds the weights in an unpickled PyTorch checkpoint and lists them as tensors.
//
// A checkpoint is a state dict, or a dict that holds one beside optimizer, arguments and other copies of the weights. The first
// of these keys that holds a dict wins: "model" (DeiT, SPACH: the weights that were evaluated; "model_ema" is beside it and may be
// untrained), "state_dict_ema" before "state_dict" (timm: the average is what was evaluated), "model_state"; "model_ema" only alone.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

inline constexpr std::string_view state_dict_keys[] = {"model", "state_dict_ema", "state_dict", "model_state", "model_ema"};

struct StateDict {
  struct Item {
    std::string name;
    const PickledTensor* tensor;
  };
  std::string place;  // how it was reached: "", "model", "model.state_dict"
  std::vector<Item> items;
};

inline StateDict find_state_dict(const Pickle& pickle, const std::string& file) {
  StateDict result;
  const PickleValue* dict = &pickle.root();
  if (dict->kind != PickleKind::dict) fail(file, ": found ", name_of(dict->kind), ", expected a state dict");
  constexpr int deepest = 3;
  for (int depth = 0; depth < deepest; ++depth) {
    for (const std::string_view key : state_dict_keys)
      if (const PickleValue* const inner = pickle.find(*dict, key); inner != nullptr && inner->kind == PickleKind::dict) {
        result.place += (result.place.empty() ? "" : ".") + std::string(key);
        dict = inner;
        break;
      }
  }

  std::unordered_set<std::string_view> names;
  std::string others;
  for (std::size_t i = 0; i < dict->items.size(); i += 2) {
    const PickleValue& key = pickle.value(dict->items[i]);
    const PickleValue& value = pickle.value(dict->items[i + 1]);
    if (value.kind != PickleKind::tensor) {
      if (key.kind == PickleKind::text && others.size() < 200) others += (others.empty() ? "" : ", ") + quote(key.text);
      continue;
    }
    if (key.kind != PickleKind::text) fail(file, ": found a tensor under ", name_of(key.kind), ", expected a text as its name");
    if (!names.insert(key.text).second) fail(file, ": found tensor ", quote(key.text), " twice, expected each name once");
    result.items.push_back({key.text, &pickle.tensors()[static_cast<std::size_t>(value.number)]});
  }
  if (result.items.empty() && !dict->items.empty())
    fail(file, ": found a dict without tensors (", others,
         "), expected a state dict, alone or under \"model\", \"state_dict_ema\", "
         "\"state_dict\", \"model_state\" or \"model_ema\"");
  return result;
}

// `storage` are the bytes of item.tensor's storage, as many as the pickle says.
inline TensorEntry tensor_entry(const StateDict::Item& item, DType dtype, std::span<const std::byte> storage) {
  const auto begin = static_cast<std::size_t>(item.tensor->offset) * size_of(dtype);
  return {item.name, dtype, item.tensor->extents, item.tensor->strides, storage.subspan(begin)};
}

inline std::string pytorch_format(const char* container, const StateDict& state) {
  return container + (state.place.empty() ? "" : ", under \"" + state.place + '"');
}

}  // namespace tessera::detail
