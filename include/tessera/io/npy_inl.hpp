// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tessera/core/error.hpp"
#include "tessera/io/npy.hpp"

namespace tessera::detail {

struct NpyType {
  std::string_view descr;  // after the byte order
  DType dtype;
};
// Google's JAX code writes bfloat16, which NumPy does not know, as two bytes of nothing.
inline constexpr NpyType npy_types[] = {{"f8", DType::f64},    {"f4", DType::f32}, {"f2", DType::f16}, {"V2", DType::bf16},
                                        {"i8", DType::i64},    {"i4", DType::i32}, {"i2", DType::i16}, {"i1", DType::i8},
                                        {"u8", DType::u64},    {"u4", DType::u32}, {"u2", DType::u16}, {"u1", DType::u8},
                                        {"b1", DType::boolean}};

// Reads the dict literal from left to right.
class NpyDict {
 public:
  NpyDict(std::string_view text, const std::string& place) : rest_(text), place_(place) {}

  // Whether the array is in Fortran's order.
  bool read(NpyHeader& header);

 private:
  void skip_spaces();
  bool accept(char c);
  void expect(char c);
  [[noreturn]] void unexpected(const char* expected) const;
  std::string_view text();
  void type(NpyHeader& header);
  std::string_view records();
  bool boolean();
  Extents tuple();
  std::int64_t integer();

  std::string_view rest_;
  const std::string& place_;
};

TESSERA_COLD_INLINE bool NpyDict::read(NpyHeader& header) {
  bool fortran = false, has_type = false, has_order = false, has_shape = false;
  expect('{');
  while (!accept('}')) {
    const std::string_view key = text();
    expect(':');
    if (key == "descr" && !has_type) {
      has_type = true;
      type(header);
    } else if (key == "fortran_order" && !has_order) {
      has_order = true;
      fortran = boolean();
    } else if (key == "shape" && !has_shape) {
      has_shape = true;
      header.extents = tuple();
    } else {
      fail(ErrorKind::damaged, place_, ": found the key ", in_quotes(key), ", expected descr, fortran_order and shape once each");
    }
    if (!accept(',')) {
      expect('}');
      break;
    }
  }
  skip_spaces();
  if (!rest_.empty()) fail(ErrorKind::damaged, place_, ": found ", in_quotes(rest_), " after the header's dict");
  if (!has_type || !has_order || !has_shape)
    fail(ErrorKind::damaged, place_, ": found no ", !has_type ? "descr" : !has_order ? "fortran_order" : "shape");
  return fortran;
}

TESSERA_COLD_INLINE void NpyDict::skip_spaces() {
  while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
}

TESSERA_COLD_INLINE bool NpyDict::accept(char c) {
  skip_spaces();
  if (rest_.empty() || rest_[0] != c) return false;
  rest_.remove_prefix(1);
  return true;
}

TESSERA_COLD_INLINE void NpyDict::unexpected(const char* expected) const {
  fail(ErrorKind::damaged, place_, ": found ", in_quotes(rest_.substr(0, 20)), ", expected ", expected);
}

TESSERA_COLD_INLINE void NpyDict::expect(char c) {
  const char quoted[] = {'\'', c, '\'', '\0'};
  if (!accept(c)) unexpected(quoted);
}

TESSERA_COLD_INLINE std::string_view NpyDict::text() {
  const char mark = accept('"') ? '"' : '\'';
  if (mark == '\'') expect('\'');
  const std::size_t end = rest_.find(mark);
  if (end == std::string_view::npos) fail(ErrorKind::damaged, place_, ": found no end of ", in_quotes(rest_.substr(0, 20)));
  const std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return text;
}

TESSERA_COLD_INLINE void NpyDict::type(NpyHeader& header) {
  skip_spaces();
  header.dtype = DType::foreign;
  if (rest_.starts_with('[')) {
    header.descr = records();
    return;
  }
  const std::string_view descr = text();
  header.descr = descr;
  if (descr.empty() || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) return;
  for (const NpyType& known : npy_types)
    if (known.descr == descr.substr(1)) header.dtype = known.dtype;
  header.big_endian = descr[0] == '>' && size_of(header.dtype) > 1;
}

// A list such as [('a', '<f4'), ('b', '<f4')], to its closing bracket.
TESSERA_COLD_INLINE std::string_view NpyDict::records() {
  int open = 0;
  char mark = '\0';
  for (std::size_t i = 0; i < rest_.size(); ++i) {
    const char c = rest_[i];
    if (mark != '\0') {
      if (c == mark) mark = '\0';
    } else if (c == '\'' || c == '"') {
      mark = c;
    } else if (c == '[') {
      ++open;
    } else if (c == ']' && --open == 0) {
      const std::string_view list = rest_.substr(0, i + 1);
      rest_.remove_prefix(i + 1);
      return list;
    }
  }
  fail(ErrorKind::damaged, place_, ": found no end of ", in_quotes(rest_.substr(0, 20)));
}

TESSERA_COLD_INLINE bool NpyDict::boolean() {
  skip_spaces();
  const bool value = rest_.starts_with("True");
  if (!value && !rest_.starts_with("False")) unexpected("True or False");
  rest_.remove_prefix(value ? 4 : 5);
  return value;
}

TESSERA_COLD_INLINE Extents NpyDict::tuple() {
  Extents extents;
  expect('(');
  while (!accept(')')) {
    if (extents.size() == max_rank) fail(ErrorKind::damaged, place_, ": found more than ", max_rank, " axes");
    extents.push_back(integer());
    if (!accept(',')) {
      expect(')');
      break;
    }
  }
  return extents;
}

// Python 2 wrote 4L for 4 on some systems.
TESSERA_COLD_INLINE std::int64_t NpyDict::integer() {
  skip_spaces();
  std::size_t digits = 0;
  std::int64_t value = 0;
  for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
    if (digits == 18) fail(ErrorKind::damaged, place_, ": found an extent of more than 18 digits");
    value = value * 10 + (rest_[digits] - '0');
  }
  if (digits == 0) unexpected("an extent");
  rest_.remove_prefix(digits);
  if (rest_.starts_with('L')) rest_.remove_prefix(1);
  return value;
}

TESSERA_COLD_INLINE NpyHeader parse_npy_header(std::string_view text, const std::string& place) {
  constexpr std::string_view magic = "\x93NUMPY";
  if (!text.starts_with(magic))
    fail(ErrorKind::damaged, place, ": found no NumPy array (it starts with ", in_quotes(text.substr(0, 8)), ")");
  const auto byte = [text](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(text[i])); };
  if (text.size() < 12) fail(ErrorKind::damaged, place, ": found ", text.size(), " bytes, expected a NumPy header");
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) fail(ErrorKind::damaged, place, ": found version ", version, " of the NumPy format, expected 1, 2 or 3");
  const std::size_t begin = version == 1 ? 10 : 12;
  const std::size_t length = byte(8) | byte(9) << 8 | (version == 1 ? 0 : byte(10) << 16 | byte(11) << 24);
  if (length > npy_header_cap - begin)
    fail(ErrorKind::damaged, place, ": found a NumPy header of ", length, " bytes, expected at most ", npy_header_cap - begin);
  if (length > text.size() - begin)
    fail(ErrorKind::damaged, place, ": found a NumPy header of ", length, " bytes, but only ", text.size() - begin, " follow");

  NpyHeader header;
  const bool fortran = NpyDict(text.substr(begin, length), place).read(header);
  const auto size = checked_bytes(header.extents, header.dtype);
  if (!size) fail(ErrorKind::damaged, place, ": found shape ", extents_part(header.extents), ", whose size does not fit in 63 bits");
  header.data = begin + length;
  header.size = header.dtype == DType::foreign ? 0 : static_cast<std::size_t>(*size);
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
