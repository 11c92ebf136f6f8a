// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"
#include "tessera/core/error.hpp"
#include "tessera/core/need_exceptions.hpp"
#include "tessera/io/mapped_file.hpp"

// What every checkpoint format is read into: named tensors that point into the file, and the file's text metadata.

namespace tessera {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian and are read without swapping bytes");

// The types of numbers. scaled_i8 are weights as bytes, with a float32 that all numbers of one index of the first axis are multiplied with.
// `foreign` is any type of which only the name is known.
enum class DType : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean, scaled_i8, foreign };

// Bytes of one element; 0 for a foreign type.
constexpr std::size_t size_of(DType type) {
  constexpr std::size_t sizes[] = {8, 4, 2, 2, 8, 4, 2, 1, 8, 4, 2, 1, 1, 1, 0};
  return sizes[static_cast<std::size_t>(type)];
}

// Whether they can be the weights of a network.
constexpr bool is_floating(DType type) {
  return type == DType::f64 || type == DType::f32 || type == DType::f16 || type == DType::bf16 || type == DType::scaled_i8;
}

// Spelt as in safetensors, but for the last two.
constexpr std::string_view name_of(DType type) {
  constexpr std::string_view names[] = {"F64", "F32", "F16",  "BF16",           "I64",           "I32", "I16", "I8", "U64", "U32",
                                        "U16", "U8",  "BOOL", "I8 with scales", "a foreign type"};
  return names[static_cast<std::size_t>(type)];
}

using Extents = std::vector<std::int64_t>;

// One tensor of a file. Element (i0, i1, ...) starts at byte (i0·strides[0] + i1·strides[1] + ...)·size_of(dtype) of `bytes`. Readers
// guarantee that every element lies inside `bytes` and that the number of elements fits in 63 bits. Two traps remain for the user of an
// entry: its data may be unaligned, and a stride may be 0, so that a short file can describe very many elements. Look at `extents` before
// you allocate. A tensor of a foreign type has no numbers: its bytes are empty.
struct TensorEntry {
  std::string name;
  // The type of the elements.
  DType dtype = DType::f32;
  // The slowest axis first.
  Extents extents;
  Extents strides;  // in elements
  // In the file, or in memory of their own.
  std::span<const std::byte> bytes;
  std::string foreign_type{};           // the file's own name of a foreign type: "F8_E4M3", "<U9"
  bool negated = false;                 // the numbers are those of `bytes` with the opposite sign
  std::span<const std::byte> scales{};  // of scaled_i8: as many float32 as extents[0]; they may be unaligned

  std::int64_t size() const;
  // Row-major without gaps.
  bool contiguous() const;
  // "F32", or the name of the foreign type.
  std::string type_name() const;
};

// Texts by name, in the order of the file.
class Metadata {
 public:
  // A name and its text.
  using Entry = std::pair<std::string, std::string>;

  Metadata() = default;
  // Texts in this order.
  Metadata(std::initializer_list<Entry> entries) : entries_(entries) {}

  // The text of that name, or null.
  const std::string* find(std::string_view name) const;
  // The text of that name. Throws an Error if there is none.
  const std::string& at(std::string_view name) const;
  // Whether there is a text of that name.
  bool has(std::string_view name) const { return find(name) != nullptr; }
  // Replaces the text of that name, or adds it at the end.
  void set(std::string name, std::string text);

  std::size_t size() const { return entries_.size(); }
  // Whether there is none.
  bool empty() const { return entries_.empty(); }
  const Entry* begin() const { return entries_.data(); }
  const Entry* end() const { return entries_.data() + entries_.size(); }
  friend bool operator==(const Metadata&, const Metadata&) = default;

 private:
  std::vector<Entry> entries_;
};

struct TensorFile;

namespace detail {

// The sets of tensors of a checkpoint that has several. `read` throws an Error if a tensor of the set is damaged.
class TensorStates {
 public:
  virtual ~TensorStates() = default;
  virtual TensorFile read(std::size_t state) const = 0;
};

}  // namespace detail

// A set of tensors of a checkpoint: the weights under "model", their average under "model_ema". Here the tensors have names, types and
// extents only.
struct TensorState {
  std::string place;  // how it is reached: "", "model", "state.model"
  // In the order of the file.
  std::vector<TensorEntry> tensors;
};

struct TensorFile {
  // As it was named.
  std::string path;
  std::string format;                // "safetensors", "PyTorch zip", ...
  std::vector<TensorEntry> tensors;  // of the state at `place`
  // Free text, see io/metadata.hpp.
  Metadata metadata;
  std::vector<std::shared_ptr<const void>> storage;  // what the tensors point into
  SharedBytes mapped{};                              // the file itself, if it was mapped
  std::string place{};                               // where in the checkpoint the tensors are: "", "model"
  std::vector<TensorState> states{};                 // all sets of tensors, if there are several; one of them has been read
  std::shared_ptr<const detail::TensorStates> source{};

  // The tensor of that name, or null.
  const TensorEntry* find(std::string_view name) const;
};

// All elements in row-major order as float32: exact from F32, F16, BF16 and small integers, rounded to nearest from F64, large integers
// and bytes with scales. `out` must have room for exactly tensor.size() numbers. Throws an Error for a foreign type.
void to_float(const TensorEntry& tensor, std::span<float> out);

// Spelt as in safetensors.
template <class Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, DType type) {
  return out << name_of(type);
}

namespace detail {

// No format or model here has more axes; the cap keeps error messages and loops short.
inline constexpr std::size_t max_rank = 32;

// Nothing if a factor is negative or the product does not fit.
std::optional<std::int64_t> checked_product(std::int64_t a, std::int64_t b);

// Bytes of the elements of a tensor; nothing if an extent is negative, or if the product of those that are not zero does not fit: strides
// are made of them. For a foreign type, as if an element had one byte.
std::optional<std::int64_t> checked_bytes(std::span<const std::int64_t> extents, DType type);

Extents dense_strides(std::span<const std::int64_t> extents);

// "3×4", or "scalar"; as a part of a message and as a text.
inline Part extents_part(std::span<const std::int64_t> extents) { return Part::extents(extents.data(), extents.size()); }
std::string print_extents(std::span<const std::int64_t> extents);

// Goes through a tensor row by row, in row-major order. A row is what the last axis steps over; a tensor without gaps is one row.
class Rows {
 public:
  explicit Rows(const TensorEntry& tensor);
  // The first element of the next row, or null after the last.
  const std::byte* next();
  std::size_t length() const { return length_; }       // elements of a row
  std::ptrdiff_t step() const { return step_bytes_; }  // bytes from one of its elements to the next

 private:
  const TensorEntry& tensor_;
  Extents index_;
  std::ptrdiff_t row_ = 0;  // byte offset of the next row
  std::size_t length_ = 1;
  std::ptrdiff_t step_bytes_ = 0;
  bool more_;
};

// Memory may be unaligned.
template <class T>
T load(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// IEEE binary16: 1 sign, 5 exponent, 10 fraction bits. Every value is a float32.
float half_to_float(std::uint16_t half);
inline float bfloat_to_float(std::uint16_t bfloat) { return std::bit_cast<float>(std::uint32_t{bfloat} << 16); }

// A copy of numbers of `width` bytes each with the bytes of every number in the opposite order.
SharedBytes with_swapped_bytes(std::span<const std::byte> bytes, std::size_t width);

}  // namespace detail

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/io/tensor_file_inl.hpp"
#endif
