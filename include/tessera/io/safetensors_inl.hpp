// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/core/json.hpp"
#include "tessera/io/name_index.hpp"
#include "tessera/io/safetensors.hpp"
#include "tessera/io/sorted_order.hpp"

namespace tessera {

namespace detail {

inline constexpr std::uint64_t safetensors_header_cap = 100'000'000;

// One tensor of the header. `end` counts from the start of the data, like `begin`.
struct SafetensorsEntry {
  TensorEntry* tensor;
  std::uint64_t begin, end;
};

class SafetensorsReader {
 public:
  SafetensorsReader(const SharedBytes& file, const std::string& name) : file_(file), name_(name) {}

  TensorFile read();

 private:
  std::string_view header();
  void read_metadata(const Json& metadata);
  void read_tensor(const std::string& name, const Json& fields);
  Extents numbers(const Json& list, const std::string& place, std::size_t longest) const;
  void check_size(const SafetensorsEntry& entry) const;
  void place_tensors();
  void join_scales();

  const SharedBytes& file_;
  const std::string& name_;
  std::span<const std::byte> data_;
  std::vector<SafetensorsEntry> entries_;
  TensorFile result_;
};

TESSERA_COLD_INLINE bool is_safetensors(std::span<const std::byte> bytes) {
  if (bytes.size() < 9) return false;
  if (bytes[8] == std::byte{'{'}) return true;
  // Some writers have spaces before the brace.
  if (load<std::uint64_t>(bytes.data()) > safetensors_header_cap) return false;
  std::size_t at = 8;
  while (at < bytes.size() &&
         (bytes[at] == std::byte{' '} || bytes[at] == std::byte{'\n'} || bytes[at] == std::byte{'\r'} || bytes[at] == std::byte{'\t'}))
    ++at;
  return at < bytes.size() && bytes[at] == std::byte{'{'};
}

TESSERA_COLD_INLINE std::string_view SafetensorsReader::header() {
  const std::span<const std::byte> bytes = file_.bytes;
  if (bytes.size() < 8) fail(ErrorKind::damaged, name_, ": found ", bytes.size(), " bytes, expected a safetensors header of at least 8");
  const auto size = load<std::uint64_t>(bytes.data());
  if (size > safetensors_header_cap)
    fail(ErrorKind::damaged, name_, ": found a header of ", size, " bytes, expected at most ", safetensors_header_cap);
  if (size > bytes.size() - 8)
    fail(ErrorKind::damaged, name_, ": found a header of ", size, " bytes, but the file holds ", bytes.size() - 8,
         " after the header's length");
  data_ = bytes.subspan(8 + static_cast<std::size_t>(size));
  return {reinterpret_cast<const char*>(bytes.data()) + 8, static_cast<std::size_t>(size)};
}

TESSERA_COLD_INLINE void SafetensorsReader::read_metadata(const Json& metadata) {
  if (metadata.kind() == JsonKind::null) return;
  if (!metadata.is_object())
    fail(ErrorKind::damaged, name_, ": header, \"__metadata__\": found ", metadata.describe(), ", expected an object");
  for (std::size_t i = 0; i < metadata.items().size(); ++i) {
    const Json& text = metadata.items()[i];
    if (!text.is_text())
      fail(ErrorKind::damaged, name_, ": header, __metadata__, ", in_quotes(metadata.keys()[i]), ": found ", text.describe(),
           ", expected text");
    result_.metadata.set(metadata.keys()[i], text.text());
  }
}

TESSERA_COLD_INLINE Extents SafetensorsReader::numbers(const Json& list, const std::string& place, std::size_t longest) const {
  if (!list.is_array()) fail(ErrorKind::damaged, place, ": found ", list.describe(), ", expected a list of whole numbers");
  if (list.items().size() > longest) fail(ErrorKind::damaged, place, ": found more than ", longest, " numbers");
  Extents extents;
  for (const Json& item : list.items()) {
    const auto number = item.integer();
    if (!number || *number < 0) fail(ErrorKind::damaged, place, ": found ", item.describe(), ", expected a whole number below 2^63");
    extents.push_back(*number);
  }
  return extents;
}

TESSERA_COLD_INLINE void SafetensorsReader::read_tensor(const std::string& name, const Json& fields) {
  const std::string place = name_ + ": header, tensor " + quote(name);
  if (!fields.is_object())
    fail(ErrorKind::damaged, name_, ": header, ", in_quotes(name), ": found ", fields.describe(), ", expected an object");
  const char* const needed[] = {"dtype", "shape", "data_offsets"};
  const Json* found[3] = {};
  for (std::size_t i = 0; i < 3; ++i) {
    found[i] = fields.find(needed[i]);
    if (found[i] == nullptr) fail(ErrorKind::damaged, place, ": found no ", needed[i], ", expected dtype, shape and data_offsets");
  }
  TensorEntry& tensor = result_.tensors.emplace_back();
  tensor.name = name;
  if (!found[0]->is_text()) fail(ErrorKind::damaged, place, ", dtype: found ", found[0]->describe(), ", expected text");
  tensor.dtype = DType::foreign;
  for (std::size_t type = 0; type < static_cast<std::size_t>(DType::scaled_i8); ++type)
    if (name_of(static_cast<DType>(type)) == found[0]->text()) tensor.dtype = static_cast<DType>(type);
  if (tensor.dtype == DType::foreign) tensor.foreign_type = found[0]->text();
  tensor.extents = numbers(*found[1], place + ", shape", max_rank);
  const Extents offsets = numbers(*found[2], place + ", data_offsets", 2);
  if (offsets.size() != 2) fail(ErrorKind::damaged, place, ", data_offsets: found ", offsets.size(), " numbers, expected begin and end");
  entries_.push_back({nullptr, static_cast<std::uint64_t>(offsets[0]), static_cast<std::uint64_t>(offsets[1])});
}

TESSERA_COLD_INLINE void SafetensorsReader::check_size(const SafetensorsEntry& entry) const {
  const TensorEntry& tensor = *entry.tensor;
  const std::string place = name_ + ": tensor " + quote(tensor.name);
  const auto size = checked_bytes(tensor.extents, tensor.dtype);
  if (!size) fail(ErrorKind::damaged, place, ": found shape ", extents_part(tensor.extents), ", whose size does not fit in 63 bits");
  if (entry.begin > entry.end)
    fail(ErrorKind::damaged, place, ": found data_offsets ", entry.begin, " to ", entry.end, ", expected begin <= end");
  if (tensor.dtype != DType::foreign && entry.end - entry.begin != static_cast<std::uint64_t>(*size))
    fail(ErrorKind::damaged, place, ": found ", entry.end - entry.begin, " bytes of data, expected ", *size, " for ",
         extents_part(tensor.extents), ' ', name_of(tensor.dtype));
  if (entry.end > data_.size())
    fail(ErrorKind::damaged, place, ": found data up to byte ", entry.end, ", but the file holds ", data_.size(), " bytes of data");
}

// Sizes must fit the offsets, and the offsets must tile the data.
TESSERA_COLD_INLINE void SafetensorsReader::place_tensors() {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].tensor = &result_.tensors[i];
    check_size(entries_[i]);
  }
  const auto earlier = [](const void* entries, std::uint32_t x, std::uint32_t y) {
    const SafetensorsEntry &a = static_cast<const SafetensorsEntry*>(entries)[x], &b = static_cast<const SafetensorsEntry*>(entries)[y];
    return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
  };
  std::uint64_t covered = 0;
  for (const std::uint32_t i : sorted_order(entries_.size(), earlier, entries_.data())) {
    const SafetensorsEntry& entry = entries_[i];
    if (entry.begin != covered)
      fail(ErrorKind::damaged, name_, ": tensor ", in_quotes(entry.tensor->name), ": found data from byte ", entry.begin, ", expected ",
           covered, entry.begin < covered ? " (it overlaps the tensor before it)" : " (a hole before it)");
    covered = entry.end;
    if (entry.tensor->dtype == DType::foreign) continue;
    entry.tensor->strides = dense_strides(entry.tensor->extents);
    entry.tensor->bytes = data_.subspan(static_cast<std::size_t>(entry.begin), static_cast<std::size_t>(entry.end - entry.begin));
  }
  if (covered != data_.size())
    fail(ErrorKind::damaged, name_, ": found ", data_.size(), " bytes of data, expected ", covered,
         ": the end of the last tensor is the end of the file");
}

// Makes one tensor of bytes and their scales.
TESSERA_COLD_INLINE void SafetensorsReader::join_scales() {
  NameIndex names;
  for (const TensorEntry& tensor : result_.tensors) names.add(tensor.name);
  std::vector<std::uint32_t> joined(result_.tensors.size());
  for (TensorEntry& tensor : result_.tensors) {
    if (tensor.dtype != DType::i8 || tensor.extents.size() < 2 || tensor.size() == 0) continue;
    const std::size_t place = names.find(tensor.name + std::string(scale_ending));
    if (place == NameIndex::none) continue;
    const TensorEntry& scale = result_.tensors[place];
    if (scale.dtype != DType::f32 || scale.size() != tensor.extents[0])
      fail(ErrorKind::damaged, name_, ": tensor ", in_quotes(scale.name), ": found ", extents_part(scale.extents), ' ', scale.type_name(),
           ", expected F32 with ", tensor.extents[0], " numbers, one for each row of ", in_quotes(tensor.name));
    tensor.dtype = DType::scaled_i8;
    tensor.scales = scale.bytes;
    joined[place] = 1;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < joined.size(); ++i)
    if (joined[i] == 0) {
      if (kept != i) result_.tensors[kept] = std::move(result_.tensors[i]);
      ++kept;
    }
  result_.tensors.resize(kept);
}

TESSERA_COLD_INLINE TensorFile SafetensorsReader::read() {
  const std::string_view text = header();
  const Json json = parse_json(text, name_ + ": header", {.first_byte = 8});
  if (!json.is_object()) fail(ErrorKind::damaged, name_, ": header: found ", json.describe(), ", expected an object");
  result_.path = name_;
  result_.format = "safetensors";
  result_.storage.push_back(file_.owner);
  for (std::size_t i = 0; i < json.items().size(); ++i) {
    if (json.keys()[i] == "__metadata__")
      read_metadata(json.items()[i]);
    else
      read_tensor(json.keys()[i], json.items()[i]);
  }
  place_tensors();
  join_scales();
  return std::move(result_);
}

}  // namespace detail

TESSERA_COLD_INLINE TensorFile parse_safetensors(const SharedBytes& file, const std::string& name) {
  return detail::SafetensorsReader(file, name).read();
}

TESSERA_COLD_INLINE TensorFile read_safetensors(const FilePath& path) {
  SharedBytes mapped = map_file(path);
  TensorFile file = parse_safetensors(mapped, path.text());
  file.mapped = std::move(mapped);
  return file;
}

}  // namespace tessera
