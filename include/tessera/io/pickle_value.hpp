// SPDX-License-Identifier: MIT
#pragma once

// What a pickle may contain: the few kinds of values that occur in PyTorch checkpoints, and the allow-list of globals.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

// Values refer to each other by number, because a pickle may contain one value many times, or inside itself.
using PickleRef = std::uint32_t;

enum class PickleKind { none, boolean, integer, text, tuple, list, dict, global, storage, tensor, opaque };

constexpr std::string_view name_of(PickleKind kind) {
  constexpr std::string_view names[] = {
      "None", "a bool", "an integer", "a text", "a tuple", "a list", "a dict", "a class or function", "a storage", "a tensor", "an object"};
  return names[static_cast<std::size_t>(kind)];
}

struct PickleValue {
  PickleKind kind = PickleKind::none;
  std::int64_t number = 0;  // integer, boolean; global: place in pickle_globals; storage, tensor: place in its list
  std::string text{};
  std::vector<PickleRef> items{};  // tuple, list; dict: key, value, key, value, ...
};

struct PickledStorage {
  DType dtype;
  std::string key;
  std::int64_t count;  // elements
};

// Checked to lie within its storage.
struct PickledTensor {
  std::size_t storage;
  std::int64_t offset;
  Extents extents, strides;
};

enum class PickleRole {
  storage_type,       // only named in a storage's description
  ordered_dict,       // called with nothing: an empty dict
  rebuild_tensor,     // (storage, offset, size, stride)
  rebuild_tensor_v2,  // (storage, offset, size, stride, requires_grad, hooks [, metadata])
  rebuild_parameter,  // (tensor, requires_grad, hooks): the tensor
  opaque              // whatever it is called with and given: an object that nobody looks into
};

struct PickleGlobal {
  std::string_view module, name;
  PickleRole role;
  DType dtype = DType::f32;  // of storage types
};

// Nothing else may be named in a pickle, and nothing is ever run: a role says what the machine does itself.
inline constexpr PickleGlobal pickle_globals[] = {
    {"collections", "OrderedDict", PickleRole::ordered_dict},
    {"torch._utils", "_rebuild_tensor_v2", PickleRole::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_tensor", PickleRole::rebuild_tensor},
    {"torch._utils", "_rebuild_parameter", PickleRole::rebuild_parameter},
    {"torch", "DoubleStorage", PickleRole::storage_type, DType::f64},
    {"torch", "FloatStorage", PickleRole::storage_type, DType::f32},
    {"torch", "HalfStorage", PickleRole::storage_type, DType::f16},
    {"torch", "BFloat16Storage", PickleRole::storage_type, DType::bf16},
    {"torch", "LongStorage", PickleRole::storage_type, DType::i64},
    {"torch", "IntStorage", PickleRole::storage_type, DType::i32},
    {"torch", "ShortStorage", PickleRole::storage_type, DType::i16},
    {"torch", "CharStorage", PickleRole::storage_type, DType::i8},
    {"torch", "ByteStorage", PickleRole::storage_type, DType::u8},
    {"torch", "BoolStorage", PickleRole::storage_type, DType::boolean},
    // Beside the weights: arguments, schedules and metrics of a training.
    {"argparse", "Namespace", PickleRole::opaque},
    {"collections", "Counter", PickleRole::opaque},
    {"collections", "defaultdict", PickleRole::opaque},
    {"torch", "Size", PickleRole::opaque},
    {"torch", "device", PickleRole::opaque},
    {"numpy", "dtype", PickleRole::opaque},
    {"numpy.core.multiarray", "scalar", PickleRole::opaque},
    {"numpy._core.multiarray", "scalar", PickleRole::opaque},
    {"_codecs", "encode", PickleRole::opaque},
};

inline std::optional<std::size_t> find_pickle_global(std::string_view module, std::string_view name) {
  for (std::size_t i = 0; i < std::size(pickle_globals); ++i)
    if (pickle_globals[i].module == module && pickle_globals[i].name == name) return i;
  return std::nullopt;
}

}  // namespace tessera::detail
