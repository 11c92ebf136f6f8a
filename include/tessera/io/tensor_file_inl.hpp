// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include "tessera/core/error.hpp"
#include "tessera/io/tensor_file.hpp"

namespace tessera {

TESSERA_COLD_INLINE std::int64_t TensorEntry::size() const {
  std::int64_t n = 1;
  for (const std::int64_t extent : extents) n *= extent;
  return n;
}

TESSERA_COLD_INLINE bool TensorEntry::contiguous() const {
  std::int64_t dense = 1;
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    if (extents[axis] == 0) return true;
    if (extents[axis] != 1 && strides[axis] != dense) return size() == 0;
    dense *= extents[axis];
  }
  return true;
}

TESSERA_COLD_INLINE std::string TensorEntry::type_name() const {
  return dtype == DType::foreign ? detail::printable(foreign_type, 60) : std::string(name_of(dtype));
}

TESSERA_COLD_INLINE const std::string* Metadata::find(std::string_view name) const {
  for (const Entry& entry : entries_)
    if (entry.first == name) return &entry.second;
  return nullptr;
}

TESSERA_COLD_INLINE const std::string& Metadata::at(std::string_view name) const {
  const std::string* const text = find(name);
  if (text == nullptr) detail::fail("metadata: found no ", detail::in_quotes(name));
  return *text;
}

TESSERA_COLD_INLINE void Metadata::set(std::string name, std::string text) {
  for (Entry& entry : entries_)
    if (entry.first == name) {
      entry.second = std::move(text);
      return;
    }
  entries_.emplace_back(std::move(name), std::move(text));
}

TESSERA_COLD_INLINE const TensorEntry* TensorFile::find(std::string_view name) const {
  for (const TensorEntry& tensor : tensors)
    if (tensor.name == name) return &tensor;
  return nullptr;
}

namespace detail {

TESSERA_COLD_INLINE std::optional<std::int64_t> checked_product(std::int64_t a, std::int64_t b) {
  if (a < 0 || b < 0 || (b != 0 && a > std::numeric_limits<std::int64_t>::max() / b)) return std::nullopt;
  return a * b;
}

TESSERA_COLD_INLINE std::optional<std::int64_t> checked_bytes(std::span<const std::int64_t> extents, DType type) {
  std::optional<std::int64_t> n = type == DType::foreign ? 1 : static_cast<std::int64_t>(size_of(type));
  bool empty = false;
  for (const std::int64_t extent : extents) {
    empty = empty || extent == 0;
    if (n && extent != 0) n = checked_product(*n, extent);
  }
  return n && empty ? 0 : n;
}

TESSERA_COLD_INLINE Extents dense_strides(std::span<const std::int64_t> extents) {
  Extents strides(extents.size());
  std::int64_t step = 1;
  for (std::size_t axis = extents.size(); axis-- > 0; step *= extents[axis]) strides[axis] = step;
  return strides;
}

TESSERA_COLD_INLINE std::string print_extents(std::span<const std::int64_t> extents) { return concat(extents_part(extents)); }

TESSERA_COLD_INLINE Rows::Rows(const TensorEntry& tensor) : tensor_(tensor), more_(tensor.size() != 0) {
  step_bytes_ = static_cast<std::ptrdiff_t>(size_of(tensor.dtype));
  if (tensor.contiguous()) {  // one long row
    length_ = static_cast<std::size_t>(tensor.size());
    return;
  }
  index_.resize(tensor.extents.size());
  length_ = static_cast<std::size_t>(tensor.extents.back());
  step_bytes_ *= static_cast<std::ptrdiff_t>(tensor.strides.back());
}

TESSERA_INLINE const std::byte* Rows::next() {
  if (!more_) return nullptr;
  const std::byte* const row = tensor_.bytes.data() + row_;
  const auto width = static_cast<std::ptrdiff_t>(size_of(tensor_.dtype));
  for (std::size_t axis = index_.empty() ? 0 : index_.size() - 1; axis-- > 0;) {
    const std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(tensor_.strides[axis]) * width;
    if (++index_[axis] < tensor_.extents[axis]) {
      row_ += stride;
      return row;
    }
    row_ -= static_cast<std::ptrdiff_t>(tensor_.extents[axis] - 1) * stride;
    index_[axis] = 0;
  }
  more_ = false;
  return row;
}

TESSERA_INLINE float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = (half & 0x8000U) << 16, exponent = (half >> 10) & 31U, fraction = half & 1023U;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -magnitude : magnitude;
  }
  const std::uint32_t wide = exponent == 31 ? 255U : exponent + 112U;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

TESSERA_COLD_INLINE SharedBytes with_swapped_bytes(std::span<const std::byte> bytes, std::size_t width) {
  const std::shared_ptr<std::byte[]> copy(new std::byte[bytes.size()]);
  const std::size_t whole = bytes.size() / width * width;
  for (std::size_t i = 0; i < whole; ++i) copy.get()[i] = bytes[i - i % width + (width - 1 - i % width)];
  return {{copy.get(), whole}, copy};
}

template <class T>
void row_to_float(const std::byte* from, std::ptrdiff_t step, float* to, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i, from += step) to[i] = static_cast<float>(load<T>(from));
}

TESSERA_INLINE void row_to_float(DType type, const std::byte* from, std::ptrdiff_t step, float* to, std::size_t length) {
  switch (type) {
    case DType::f64:
      return row_to_float<double>(from, step, to, length);
    case DType::f32:
      return row_to_float<float>(from, step, to, length);
    case DType::f16:
      for (std::size_t i = 0; i < length; ++i, from += step) to[i] = half_to_float(load<std::uint16_t>(from));
      return;
    case DType::bf16:
      for (std::size_t i = 0; i < length; ++i, from += step) to[i] = bfloat_to_float(load<std::uint16_t>(from));
      return;
    case DType::i64:
      return row_to_float<std::int64_t>(from, step, to, length);
    case DType::i32:
      return row_to_float<std::int32_t>(from, step, to, length);
    case DType::i16:
      return row_to_float<std::int16_t>(from, step, to, length);
    case DType::i8:
    case DType::scaled_i8:
      return row_to_float<std::int8_t>(from, step, to, length);
    case DType::u64:
      return row_to_float<std::uint64_t>(from, step, to, length);
    case DType::u32:
      return row_to_float<std::uint32_t>(from, step, to, length);
    case DType::u16:
      return row_to_float<std::uint16_t>(from, step, to, length);
    case DType::u8:
      return row_to_float<std::uint8_t>(from, step, to, length);
    case DType::boolean:
      for (std::size_t i = 0; i < length; ++i, from += step) to[i] = *from != std::byte{0} ? 1.0F : 0.0F;
      return;
    case DType::foreign:
      return;
  }
}

}  // namespace detail

TESSERA_INLINE void to_float(const TensorEntry& tensor, std::span<float> out) {
  if (tensor.dtype == DType::foreign)
    detail::fail(detail::in_quotes(tensor.name), ": found ", tensor.type_name(), ", expected a type of numbers that is read");
  if (static_cast<std::int64_t>(out.size()) != tensor.size())
    detail::fail(detail::in_quotes(tensor.name), ": found room for ", out.size(), " numbers, expected ", tensor.size());
  if (out.empty()) return;
  if (tensor.dtype == DType::f32 && tensor.contiguous()) {
    std::memcpy(out.data(), tensor.bytes.data(), out.size_bytes());
  } else {
    detail::Rows rows(tensor);
    float* to = out.data();
    while (const std::byte* const row = rows.next()) {
      detail::row_to_float(tensor.dtype, row, rows.step(), to, rows.length());
      to += rows.length();
    }
  }
  if (tensor.negated)
    for (float& number : out) number = -number;
  if (tensor.dtype != DType::scaled_i8) return;
  const std::size_t rows = tensor.scales.size() / sizeof(float);
  if (tensor.extents.empty() || static_cast<std::int64_t>(rows) != tensor.extents[0])
    detail::fail(detail::in_quotes(tensor.name), ": found ", rows, " scales, expected one for each index of the first axis of ",
                 detail::extents_part(tensor.extents));
  const std::size_t length = out.size() / rows;
  for (std::size_t row = 0; row < rows; ++row)
    for (float& number : out.subspan(row * length, length)) number *= detail::load<float>(tensor.scales.data() + row * sizeof(float));
}

}  // namespace tessera
