// SPDX-License-Identifier: MIT
#pragma once

// The header of a NumPy array file (.npy):
//
//     \x93NUMPY | version | length | {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } and spaces | data
//
// It is a Python dict literal; this reads the three entries in any order and nothing else.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera::detail {

struct NpyHeader {
  DType dtype = DType::f32;
  Extents extents;
  Extents strides;
  std::size_t data = 0;  // where the data begins
  std::size_t size = 0;  // bytes of data
};

struct NpyType {
  std::string_view descr;
  DType dtype;
};
// Google's JAX code writes bfloat16, which NumPy does not know, as two bytes of nothing.
inline constexpr NpyType npy_types[] = {{"<f8", DType::f64},  {"<f4", DType::f32}, {"<f2", DType::f16},    {"|V2", DType::bf16},
                                        {"<V2", DType::bf16}, {"<i8", DType::i64}, {"<i4", DType::i32},    {"<i2", DType::i16},
                                        {"|i1", DType::i8},   {"|u1", DType::u8},  {"|b1", DType::boolean}};

// Reads the dict literal from left to right.
class NpyDict {
 public:
  NpyDict(std::string_view text, std::string place) : rest_(text), place_(std::move(place)) {}

  void read(NpyHeader& header, bool& fortran) {
    std::optional<DType> dtype;
    std::optional<bool> order;
    std::optional<Extents> shape;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = string();
      expect(':');
      if (key == "descr" && !dtype)
        dtype = type();
      else if (key == "fortran_order" && !order)
        order = boolean();
      else if (key == "shape" && !shape)
        shape = tuple();
      else
        fail(place_, ": found the key ", quote(key), ", expected descr, fortran_order and shape once each");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    skip_spaces();
    if (!rest_.empty()) fail(place_, ": found ", quote(rest_), " after the header's dict");
    if (!dtype || !order || !shape) fail(place_, ": found no ", !dtype ? "descr" : !order ? "fortran_order" : "shape");
    header.dtype = *dtype;
    header.extents = std::move(*shape);
    fortran = *order;
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }
  bool accept(char c) {
    skip_spaces();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(place_, ": found ", quote(rest_.substr(0, 20)), ", expected '", c, "'");
  }
  std::string_view string() {
    expect('\'');
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) fail(place_, ": found no end of ", quote(rest_.substr(0, 20)));
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return text;
  }
  DType type() {
    skip_spaces();
    if (rest_.starts_with('[')) fail(place_, ": found an array of records, expected an array of numbers");
    const std::string_view descr = string();
    for (const NpyType& known : npy_types)
      if (known.descr == descr) return known.dtype;
    if (descr.starts_with('>')) fail(place_, ": found type ", quote(descr), ": big-endian arrays are not read");
    fail(place_, ": found type ", quote(descr), ", expected <f8, <f4, <f2, |V2, <i8, <i4, <i2, |i1, |u1 or |b1");
  }
  bool boolean() {
    skip_spaces();
    for (const bool value : {false, true})
      if (const std::string_view word = value ? "True" : "False"; rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return value;
      }
    fail(place_, ": found ", quote(rest_.substr(0, 20)), ", expected True or False");
  }
  Extents tuple() {
    Extents extents;
    expect('(');
    while (!accept(')')) {
      if (extents.size() == max_rank) fail(place_, ": found more than ", max_rank, " axes");
      extents.push_back(integer());
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }
  std::int64_t integer() {
    skip_spaces();
    std::size_t digits = 0;
    std::int64_t value = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits == 18) fail(place_, ": found an extent of more than 18 digits");
      value = value * 10 + (rest_[digits] - '0');
    }
    if (digits == 0) fail(place_, ": found ", quote(rest_.substr(0, 20)), ", expected an extent");
    rest_.remove_prefix(digits);
    return value;
  }

  std::string_view rest_;
  std::string place_;
};

// No array of numbers needs more; `text` is the start of a file, this long or the whole of it.
inline constexpr std::size_t npy_header_cap = 4096;

inline NpyHeader parse_npy_header(std::string_view text, const std::string& place) {
  constexpr std::string_view magic = "\x93NUMPY";
  if (!text.starts_with(magic)) fail(place, ": found no NumPy array (it starts with ", quote(text.substr(0, 8)), ")");
  const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  if (text.size() < 12) fail(place, ": found ", text.size(), " bytes, expected a NumPy header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) fail(place, ": found version ", version, " of the NumPy format, expected 1, 2 or 3");
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t length = byte(8) | byte(9) << 8 | (version == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
  if (length > npy_header_cap - begin)
    fail(place, ": found a NumPy header of ", length, " bytes, expected at most ", npy_header_cap - begin);
  if (length > text.size() - begin) fail(place, ": found a NumPy header of ", length, " bytes, but only ", text.size() - begin, " follow");

  NpyHeader header;
  bool fortran = false;
  NpyDict(text.substr(begin, length), place).read(header, fortran);
  const auto size = checked_bytes(header.extents, header.dtype);
  if (!size) fail(place, ": found shape ", print_extents(header.extents), ", whose size does not fit in 63 bits");
  header.data = begin + length;
  header.size = static_cast<std::size_t>(*size);
  if (fortran) {
    const Extents reversed(header.extents.rbegin(), header.extents.rend());
    header.strides = dense_strides(reversed);
    header.strides = {header.strides.rbegin(), header.strides.rend()};
  } else {
    header.strides = dense_strides(header.extents);
  }
  return header;
}

}  // namespace tessera::detail
