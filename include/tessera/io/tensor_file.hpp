// SPDX-License-Identifier: MIT
#pragma once

// What every checkpoint format is read into: named tensors that point into the file, and the file's text metadata.
//
// Element (i0, i1, ...) of a tensor starts at byte (i0·strides[0] + i1·strides[1] + ...)·size_of(dtype) of `bytes`. Readers
// guarantee that every element lies inside `bytes` and that the number of elements fits in 63 bits. Two traps remain for the
// user of an entry: its data may be unaligned, and a stride may be 0, so that a short file can describe very many elements.
// Look at `extents` before you allocate.

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/io/mapped_file.hpp"

namespace tessera {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian and are read without swapping bytes");

enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u8, boolean };

constexpr std::size_t size_of(DType type) {
  switch (type) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  return 0;
}

constexpr bool is_floating(DType type) { return type == DType::f64 || type == DType::f32 || type == DType::f16 || type == DType::bf16; }

// Spelt as in safetensors.
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view names[] = {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"};
  return names[static_cast<std::size_t>(type)];
}
inline std::ostream& operator<<(std::ostream& out, DType type) { return out << name_of(type); }

using Extents = std::vector<std::int64_t>;

struct TensorEntry {
  std::string name;
  DType dtype = DType::f32;
  Extents extents;
  Extents strides;  // in elements
  std::span<const std::byte> bytes;

  std::int64_t size() const {
    std::int64_t n = 1;
    for (const std::int64_t extent : extents) n *= extent;
    return n;
  }
  // Row-major without gaps.
  bool contiguous() const {
    std::int64_t dense = 1;
    for (std::size_t axis = extents.size(); axis-- > 0;) {
      if (extents[axis] == 0) return true;
      if (extents[axis] != 1 && strides[axis] != dense) return size() == 0;
      dense *= extents[axis];
    }
    return true;
  }
};

struct TensorFile {
  std::string path;
  std::string format;
  std::vector<TensorEntry> tensors;
  std::map<std::string, std::string> metadata;
  std::vector<std::shared_ptr<const void>> storage;  // what the tensors point into
  SharedBytes mapped{};                              // the file itself, if it was mapped

  const TensorEntry* find(std::string_view name) const {
    for (const TensorEntry& tensor : tensors)
      if (tensor.name == name) return &tensor;
    return nullptr;
  }
};

namespace detail {

// No format or model here has more axes; the cap keeps error messages and loops short.
inline constexpr std::size_t max_rank = 32;

inline std::optional<std::int64_t> checked_product(std::int64_t a, std::int64_t b) {
  if (a < 0 || b < 0 || (b != 0 && a > std::numeric_limits<std::int64_t>::max() / b)) return std::nullopt;
  return a * b;
}

// Elements of a tensor in bytes; nothing if an extent is negative, or if the product of those that are not zero does not fit: strides are
// made of them.
inline std::optional<std::int64_t> checked_bytes(std::span<const std::int64_t> extents, DType type) {
  std::optional<std::int64_t> n = static_cast<std::int64_t>(size_of(type));
  bool empty = false;
  for (const std::int64_t extent : extents) {
    empty = empty || extent == 0;
    if (n && extent != 0) n = checked_product(*n, extent);
  }
  return n && empty ? 0 : n;
}

inline Extents dense_strides(std::span<const std::int64_t> extents) {
  Extents strides(extents.size());
  std::int64_t step = 1;
  for (std::size_t axis = extents.size(); axis-- > 0; step *= extents[axis]) strides[axis] = step;
  return strides;
}

inline std::string print_extents(std::span<const std::int64_t> extents) {
  if (extents.empty()) return "scalar";
  std::string text;
  for (const std::int64_t extent : extents) text += (text.empty() ? "" : "×") + std::to_string(extent);
  return text;
}

// Calls visit(const std::byte*) for each element in row-major order.
template <class Visit>
void for_each_element(const TensorEntry& tensor, Visit&& visit) {
  if (tensor.size() == 0) return;
  const auto width = static_cast<std::int64_t>(size_of(tensor.dtype));
  const std::size_t rank = tensor.extents.size();
  const std::int64_t inner = rank == 0 ? 1 : tensor.extents.back();
  const std::int64_t step = rank == 0 ? 0 : tensor.strides.back() * width;
  Extents index(rank, 0);
  std::int64_t row = 0;  // byte offset of the current innermost row
  while (true) {
    for (std::int64_t i = 0; i < inner; ++i) visit(tensor.bytes.data() + row + i * step);
    std::size_t axis = rank == 0 ? 0 : rank - 1;
    while (axis > 0) {
      --axis;
      const std::int64_t stride = tensor.strides[axis] * width;
      if (++index[axis] < tensor.extents[axis]) {
        row += stride;
        break;
      }
      row -= (tensor.extents[axis] - 1) * stride;
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (rank < 2) return;
  }
}

// Memory may be unaligned.
template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// IEEE binary16: 1 sign, 5 exponent, 10 fraction bits. Every value is a float32.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, exponent = (half >> 10) & 31U, fraction = half & 1023U;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}
inline float bfloat_to_float(std::uint16_t bfloat) { return std::bit_cast<float>(std::uint32_t{bfloat} << 16); }

}  // namespace detail

// All elements in row-major order as float32: exact from F32, F16, BF16 and small integers, rounded to nearest from F64 and
// large integers. `out` must have room for exactly tensor.size() numbers.
inline void to_float(const TensorEntry& tensor, std::span<float> out) {
  if (std::int64_t(out.size()) != tensor.size())
    detail::fail(detail::quote(tensor.name), ": found room for ", out.size(), " numbers, expected ", tensor.size());
  if (out.empty()) return;
  if (tensor.dtype == DType::f32 && tensor.contiguous()) {
    std::memcpy(out.data(), tensor.bytes.data(), out.size_bytes());
    return;
  }
  float* to = out.data();
  const auto copy = [&](auto convert) { detail::for_each_element(tensor, [&](const std::byte* from) { *to++ = convert(from); }); };
  using detail::load;
  switch (tensor.dtype) {
    case DType::f64:
      return copy([](const std::byte* p) { return static_cast<float>(load<double>(p)); });
    case DType::f32:
      return copy([](const std::byte* p) { return load<float>(p); });
    case DType::f16:
      return copy([](const std::byte* p) { return detail::half_to_float(load<std::uint16_t>(p)); });
    case DType::bf16:
      return copy([](const std::byte* p) { return detail::bfloat_to_float(load<std::uint16_t>(p)); });
    case DType::i64:
      return copy([](const std::byte* p) { return static_cast<float>(load<std::int64_t>(p)); });
    case DType::i32:
      return copy([](const std::byte* p) { return static_cast<float>(load<std::int32_t>(p)); });
    case DType::i16:
      return copy([](const std::byte* p) { return static_cast<float>(load<std::int16_t>(p)); });
    case DType::i8:
      return copy([](const std::byte* p) { return static_cast<float>(load<std::int8_t>(p)); });
    case DType::u8:
      return copy([](const std::byte* p) { return static_cast<float>(load<std::uint8_t>(p)); });
    case DType::boolean:
      return copy([](const std::byte* p) { return load<std::uint8_t>(p) != 0 ? 1.0F : 0.0F; });
  }
}

}  // namespace tessera
