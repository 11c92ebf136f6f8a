// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/io/tensor_file.hpp"

// What a pickle may contain: the few kinds of values that state dicts are made of, and the classes and functions that have a meaning in
// them. Everything else is opaque: it is neither run nor built, only its place is kept.

namespace tessera::detail {

// Values refer to each other by number, because a pickle may contain one value many times, or inside itself.
using PickleRef = std::uint32_t;

enum class PickleKind : std::uint8_t { none, boolean, integer, text, tuple, list, dict, global, storage, tensor, opaque };

std::string_view name_of(PickleKind kind);

struct PickleValue {
  PickleKind kind = PickleKind::none;
  // integer, boolean: the number. global: its place in pickle_globals, or -1. storage, tensor: its place in its list.
  // opaque: the value of the class or function that it comes from, plus one; 0 where it comes from none.
  std::int64_t number = 0;
  std::string_view text{};         // of a text; the name of a global
  std::vector<PickleRef> items{};  // of a tuple or list; of a dict: key, value, key, value, ...; of a global: its module, a text
};

struct PickledStorage {
  DType dtype;
  std::uint8_t width;  // bytes of an element; 0 if they are not known
  PickleRef type;      // the class that names the type
  std::string_view key;
  std::int64_t count;  // elements
};

// Checked to lie within its storage, unless its type is foreign.
struct PickledTensor {
  std::size_t storage;
  std::int64_t offset;         // in elements
  PickleRef extents, strides;  // tuples of integers
  DType dtype;
  bool negated = false;
  bool has_property = false;  // one that is not known: no numbers that can be read, so the type is foreign
};

enum class PickleRole : std::uint8_t {
  storage_type,                  // only named in a storage's description
  dtype,                         // torch.uint16: an argument of rebuild_tensor_v3
  ordered_dict,                  // called with nothing, or with a list of pairs: a dict
  rebuild_tensor,                // (storage, offset, size, stride)
  rebuild_tensor_v2,             // (storage, offset, size, stride, requires_grad, hooks [, metadata])
  rebuild_tensor_v3,             // (storage, offset, size, stride, requires_grad, hooks, dtype [, metadata])
  rebuild_parameter,             // (tensor, requires_grad, hooks): the tensor
  rebuild_parameter_with_state,  // (tensor, requires_grad, hooks, attributes): the tensor
  rebuild_from_type              // (function, type, arguments, attributes): what the function makes of the arguments
};

struct PickleGlobal {
  std::string_view module, name;
  PickleRole role;
  DType dtype = DType::foreign;  // of storage types and dtypes
  std::uint8_t width = 0;        // bytes of an element
};

// What a role means the machine does itself. All other classes and functions are opaque.
inline constexpr PickleGlobal pickle_globals[] = {
    {"collections", "OrderedDict", PickleRole::ordered_dict},
    {"torch._utils", "_rebuild_tensor", PickleRole::rebuild_tensor},
    {"torch._utils", "_rebuild_tensor_v2", PickleRole::rebuild_tensor_v2},
    {"torch._utils", "_rebuild_tensor_v3", PickleRole::rebuild_tensor_v3},
    {"torch._utils", "_rebuild_parameter", PickleRole::rebuild_parameter},
    {"torch._utils", "_rebuild_parameter_with_state", PickleRole::rebuild_parameter_with_state},
    {"torch._tensor", "_rebuild_from_type_v2", PickleRole::rebuild_from_type},
    {"torch", "DoubleStorage", PickleRole::storage_type, DType::f64, 8},
    {"torch", "FloatStorage", PickleRole::storage_type, DType::f32, 4},
    {"torch", "HalfStorage", PickleRole::storage_type, DType::f16, 2},
    {"torch", "BFloat16Storage", PickleRole::storage_type, DType::bf16, 2},
    {"torch", "LongStorage", PickleRole::storage_type, DType::i64, 8},
    {"torch", "IntStorage", PickleRole::storage_type, DType::i32, 4},
    {"torch", "ShortStorage", PickleRole::storage_type, DType::i16, 2},
    {"torch", "CharStorage", PickleRole::storage_type, DType::i8, 1},
    {"torch", "ByteStorage", PickleRole::storage_type, DType::u8, 1},
    {"torch", "BoolStorage", PickleRole::storage_type, DType::boolean, 1},
    {"torch", "UntypedStorage", PickleRole::storage_type, DType::u8, 1},
    {"torch.storage", "UntypedStorage", PickleRole::storage_type, DType::u8, 1},
    {"torch", "ComplexFloatStorage", PickleRole::storage_type, DType::foreign, 8},
    {"torch", "ComplexDoubleStorage", PickleRole::storage_type, DType::foreign, 16},
    {"torch", "QInt8Storage", PickleRole::storage_type, DType::foreign, 1},
    {"torch", "QUInt8Storage", PickleRole::storage_type, DType::foreign, 1},
    {"torch", "QInt32Storage", PickleRole::storage_type, DType::foreign, 4},
    {"torch", "QUInt4x2Storage", PickleRole::storage_type, DType::foreign, 1},
    {"torch", "QUInt2x4Storage", PickleRole::storage_type, DType::foreign, 1},
    {"torch", "float64", PickleRole::dtype, DType::f64, 8},
    {"torch", "float32", PickleRole::dtype, DType::f32, 4},
    {"torch", "float16", PickleRole::dtype, DType::f16, 2},
    {"torch", "bfloat16", PickleRole::dtype, DType::bf16, 2},
    {"torch", "int64", PickleRole::dtype, DType::i64, 8},
    {"torch", "int32", PickleRole::dtype, DType::i32, 4},
    {"torch", "int16", PickleRole::dtype, DType::i16, 2},
    {"torch", "int8", PickleRole::dtype, DType::i8, 1},
    {"torch", "uint64", PickleRole::dtype, DType::u64, 8},
    {"torch", "uint32", PickleRole::dtype, DType::u32, 4},
    {"torch", "uint16", PickleRole::dtype, DType::u16, 2},
    {"torch", "uint8", PickleRole::dtype, DType::u8, 1},
    {"torch", "bool", PickleRole::dtype, DType::boolean, 1},
};

// The place in pickle_globals, or -1.
int find_pickle_global(std::string_view module, std::string_view name);

}  // namespace tessera::detail

#ifndef TESSERA_COMPILED
#include "tessera/io/pickle_value_inl.hpp"
#endif
