// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/pickle.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE Pickle::Pickle(std::span<const std::byte> bytes, std::string place) : PickleStack(bytes, std::move(place)) { run(); }

TESSERA_COLD_INLINE Pickle::~Pickle() = default;

TESSERA_COLD_INLINE const PickleValue* Pickle::find(const PickleValue& dict, std::string_view key) const {
  for (std::size_t i = dict.items.size(); i > 1; i -= 2)
    if (const PickleValue& k = value(dict.items[i - 2]); k.kind == PickleKind::text && k.text == key) return &value(dict.items[i - 1]);
  return nullptr;
}

TESSERA_COLD_INLINE std::string Pickle::global_name(const PickleValue& global) const {
  return printable(std::string(value(global.items[0]).text) + '.' + std::string(global.text));
}

TESSERA_COLD_INLINE std::string Pickle::describe(const PickleValue& found) const {
  const std::string kind(name_of(found.kind));
  if (found.kind == PickleKind::global) return "the class or function " + global_name(found);
  if (found.kind != PickleKind::opaque || found.number == 0) return kind;
  const PickleValue& origin = value(static_cast<PickleRef>(found.number - 1));
  return origin.kind == PickleKind::global ? kind + " of " + global_name(origin) : kind;
}

TESSERA_COLD_INLINE void Pickle::push_global(std::string_view module, std::string_view name) {
  PickleValue global{PickleKind::global, find_pickle_global(module, name), name, {}};
  global.items.push_back(make({PickleKind::text, 0, module}));
  push(std::move(global));
}

TESSERA_COLD_INLINE void Pickle::push_opaque(PickleRef origin) {
  const PickleKind kind = value(origin).kind;
  if (kind != PickleKind::global && kind != PickleKind::opaque) expect(value(origin), PickleKind::global, "an argument");
  push({PickleKind::opaque, std::int64_t{origin} + 1});
}

// Attributes of an object. Those of an OrderedDict are the versions of modules, which nobody needs.
TESSERA_COLD_INLINE void Pickle::build() {
  pop();
  const PickleValue& target = value(top());
  if (target.kind == PickleKind::text || target.kind == PickleKind::none || target.kind == PickleKind::integer)
    expect(target, PickleKind::dict, "the object that gets attributes");
}

// Objects that torch.save keeps outside of the pickle: storages. Old whole modules have their source code there, too.
TESSERA_COLD_INLINE void Pickle::push_persistent(PickleRef ref) {
  const PickleValue& id = value(ref);
  expect(id, PickleKind::tuple, "an argument");
  if (id.items.empty()) bad("found a storage described by 0 values, expected 5");
  const PickleValue& kind = item(id, 0, PickleKind::text, "the kind of a storage");
  if (kind.text != "storage") {
    // ("module", class, file, source): the class.
    if (id.items.size() > 1 && value(id.items[1]).kind == PickleKind::global) return push_again(id.items[1]);
    return push({PickleKind::opaque});
  }
  if (id.items.size() != 5 && id.items.size() != 6) bad(concat("found a storage described by ", id.items.size(), " values, expected 5"));
  push_storage(id);
}

// ("storage", type, key, device, count); legacy files add a view of another storage, None since PyTorch 0.4.
TESSERA_COLD_INLINE void Pickle::push_storage(const PickleValue& id) {
  const PickleValue& type = item(id, 1, PickleKind::global, "a storage's type");
  PickledStorage storage{DType::foreign, 0, id.items[1], item(id, 2, PickleKind::text, "a storage's key").text, 0};
  if (type.number >= 0) {
    const PickleGlobal& known = pickle_globals[static_cast<std::size_t>(type.number)];
    if (known.role != PickleRole::storage_type) bad("found " + std::string(known.name) + " as a storage's type");
    storage.dtype = known.dtype;
    storage.width = known.width;
  }
  item(id, 3, PickleKind::text, "a storage's device");
  storage.count = item(id, 4, PickleKind::integer, "a storage's size").number;
  if (id.items.size() == 6) item(id, 5, PickleKind::none, "a storage's view");
  if (!checked_product(storage.count, storage.width == 0 ? 1 : storage.width))
    bad(concat("found ", storage.count, " elements in storage ", in_quotes(storage.key)));

  const std::size_t place = keys_.add(storage.key);
  if (place == storages_.size()) {
    storages_.push_back(storage);
  } else if (const PickledStorage& first = storages_[place]; first.dtype != storage.dtype || first.count != storage.count) {
    bad(concat("found storage ", in_quotes(storage.key), " as ", storage.count, ' ', name_of(storage.dtype), ", expected ", first.count,
               ' ', name_of(first.dtype), " as before"));
  }
  push({PickleKind::storage, static_cast<std::int64_t>(place)});
}

TESSERA_COLD_INLINE void Pickle::call(PickleRef callee_ref, PickleRef arguments) {
  const PickleValue& callee = value(callee_ref);
  if (callee.kind != PickleKind::global && callee.kind != PickleKind::opaque) expect(callee, PickleKind::global, "an argument");
  if (value(arguments).kind != PickleKind::opaque) expect(value(arguments), PickleKind::tuple, "an argument");
  if (callee.kind == PickleKind::opaque || callee.number < 0 || value(arguments).kind == PickleKind::opaque) return push_opaque(callee_ref);
  call_known(pickle_globals[static_cast<std::size_t>(callee.number)], callee_ref, arguments);
}

TESSERA_COLD_INLINE void Pickle::call_known(const PickleGlobal& callee, PickleRef callee_ref, PickleRef arguments_ref) {
  const PickleValue& arguments = value(arguments_ref);
  const std::size_t count = arguments.items.size();
  const auto expect_count = [&](std::size_t least, std::size_t most) {
    if (count < least || count > most) bad(concat("found ", callee.name, " with ", count, " arguments, expected ", least));
  };
  switch (callee.role) {
    case PickleRole::storage_type:
    case PickleRole::dtype:
      return push_opaque(callee_ref);
    case PickleRole::ordered_dict:
      expect_count(0, 1);
      return count == 0 ? push({PickleKind::dict}) : push_pairs(arguments.items[0]);
    case PickleRole::rebuild_tensor:
      expect_count(4, 4);
      return push_tensor(arguments_ref, callee_ref, count, nullptr);
    case PickleRole::rebuild_tensor_v2:
      expect_count(6, 7);
      return push_tensor(arguments_ref, callee_ref, 6, nullptr);
    case PickleRole::rebuild_tensor_v3: {
      expect_count(7, 8);
      const PickleValue& type = value(arguments.items[6]);
      if (type.kind != PickleKind::global || type.number < 0 ||
          pickle_globals[static_cast<std::size_t>(type.number)].role != PickleRole::dtype)
        return push_opaque(callee_ref);
      return push_tensor(arguments_ref, callee_ref, 7, &pickle_globals[static_cast<std::size_t>(type.number)]);
    }
    case PickleRole::rebuild_parameter:
    case PickleRole::rebuild_parameter_with_state:
      expect_count(3, 4);
      if (value(arguments.items[0]).kind != PickleKind::opaque) item(arguments, 0, PickleKind::tensor, "a parameter's data");
      return push_again(arguments.items[0]);
    case PickleRole::rebuild_from_type: {
      expect_count(4, 4);
      // What it calls must be a function that makes tensors, so this goes no deeper.
      const PickleValue& function = value(arguments.items[0]);
      const PickleRef inner = arguments.items[2];
      if (function.kind != PickleKind::global || function.number < 0 || value(inner).kind != PickleKind::tuple ||
          pickle_globals[static_cast<std::size_t>(function.number)].role == PickleRole::rebuild_from_type)
        return push_opaque(arguments.items[0]);
      return call_known(pickle_globals[static_cast<std::size_t>(function.number)], arguments.items[0], inner);
    }
  }
}

// OrderedDict([[key, value], ...]), as Python 2 pickles it.
TESSERA_COLD_INLINE void Pickle::push_pairs(PickleRef list) {
  PickleValue dict{PickleKind::dict};
  const PickleValue& pairs = value(list);
  if (pairs.kind != PickleKind::list && pairs.kind != PickleKind::tuple) expect(pairs, PickleKind::list, "the pairs of an OrderedDict");
  for (const PickleRef ref : pairs.items) {
    const PickleValue& pair = value(ref);
    if ((pair.kind != PickleKind::list && pair.kind != PickleKind::tuple) || pair.items.size() != 2)
      bad("found " + describe(pair) + " in an OrderedDict, expected a key and a value");
    dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
  }
  push(std::move(dict));
}

// Whether all elements are in a storage of `count`. Sums stay below 2·count, so they do not overflow.
TESSERA_COLD_INLINE bool lies_within(std::int64_t offset, const Extents& extents, const Extents& strides, std::int64_t count) {
  const auto size = checked_bytes(extents, DType::f64);
  if (!size || offset < 0 || offset > count) return false;
  if (*size == 0) return true;
  std::int64_t last = offset;
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const auto reach = checked_product(extents[axis] - 1, strides[axis]);
    if (!reach || *reach > count - last) return false;
    last += *reach;
  }
  return last < count;
}

// `metadata` is the place of the last argument, which may be missing. A dtype says that the storage has none.
TESSERA_COLD_INLINE void Pickle::push_tensor(PickleRef arguments_ref, PickleRef origin, std::size_t metadata, const PickleGlobal* dtype) {
  const PickleValue& arguments = value(arguments_ref);
  if (value(arguments.items[0]).kind == PickleKind::opaque) return push_opaque(origin);
  PickledTensor tensor{};
  tensor.storage = static_cast<std::size_t>(item(arguments, 0, PickleKind::storage, "a tensor's storage").number);
  tensor.offset = item(arguments, 1, PickleKind::integer, "a tensor's offset").number;
  tensor.extents = arguments.items[2];
  tensor.strides = arguments.items[3];
  const Extents extents = integers(item(arguments, 2, PickleKind::tuple, "a tensor's size"), "a tensor's size");
  const Extents strides = integers(item(arguments, 3, PickleKind::tuple, "a tensor's stride"), "a tensor's stride");
  const PickledStorage& storage = storages_[tensor.storage];
  tensor.dtype = storage.dtype;
  if (extents.size() != strides.size()) bad(concat("found a tensor of ", extents.size(), " axes with ", strides.size(), " strides"));
  std::int64_t count = storage.count;
  if (dtype != nullptr) {
    if (storage.width == 1) count /= dtype->width;
    tensor.dtype = storage.width == 1 ? dtype->dtype : DType::foreign;
  }
  if (!lies_within(tensor.offset, extents, strides, count))
    bad(concat("found a tensor ", extents_part(extents), " with strides ", extents_part(strides), " from element ", tensor.offset,
               ", which is not within the ", count, " elements of storage ", in_quotes(storage.key)));
  if (metadata < arguments.items.size()) read_metadata(value(arguments.items[metadata]), tensor);
  tensors_.push_back(tensor);
  push({PickleKind::tensor, static_cast<std::int64_t>(tensors_.size() - 1)});
}

// Only {"neg": True} changes how numbers are read; with anything else that is set, this is no tensor whose numbers are known.
TESSERA_COLD_INLINE void Pickle::read_metadata(const PickleValue& metadata, PickledTensor& tensor) const {
  tensor.has_property = metadata.kind != PickleKind::none && metadata.kind != PickleKind::dict;
  for (std::size_t i = 0; metadata.kind == PickleKind::dict && i + 1 < metadata.items.size(); i += 2) {
    const PickleValue &key = value(metadata.items[i]), &setting = value(metadata.items[i + 1]);
    if (setting.kind == PickleKind::boolean && setting.number == 0) continue;
    const bool neg = key.kind == PickleKind::text && key.text == "neg" && setting.kind == PickleKind::boolean;
    (neg ? tensor.negated : tensor.has_property) = true;
  }
  if (tensor.has_property) tensor.dtype = DType::foreign;
}

TESSERA_COLD_INLINE TensorEntry Pickle::entry(std::string_view name, const PickleValue& found) const {
  TensorEntry entry;
  entry.name = name;
  entry.dtype = DType::foreign;
  if (found.kind != PickleKind::tensor) {
    entry.foreign_type = describe(found);
    return entry;
  }
  const PickledTensor& tensor = tensors_[static_cast<std::size_t>(found.number)];
  entry.dtype = tensor.dtype;
  entry.extents = integers(value(tensor.extents), "");
  entry.strides = integers(value(tensor.strides), "");
  entry.negated = tensor.negated;
  if (tensor.has_property)
    entry.foreign_type = "a tensor with a property that is not known";
  else if (tensor.dtype == DType::foreign)
    entry.foreign_type = global_name(value(storages_[tensor.storage].type));
  return entry;
}

}  // namespace tessera::detail
