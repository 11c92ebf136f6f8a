// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>

#include "tessera/core/error.hpp"
#include "tessera/train/training_state.hpp"

namespace tessera {

TESSERA_INLINE void write_numbers(const FilePath& path, const NamedNumbers& numbers, const Metadata& metadata) {
  std::vector<TensorEntry> tensors;
  for (const auto& [name, values] : numbers)
    tensors.push_back({name, DType::f32, {static_cast<std::int64_t>(values.size())}, {1}, std::as_bytes(values)});
  write_safetensors(path, tensors, metadata);
}

TESSERA_INLINE Metadata read_numbers(const FilePath& path, const NamedNumbers& numbers) {
  const TensorFile file = read_tensors(path);
  for (const auto& [name, values] : numbers) {
    const TensorEntry* const entry = file.find(name);
    if (entry == nullptr) detail::fail(file.path, ": found no tensor \"", name, "\", expected it in the state of this training");
    if (entry->size() != static_cast<std::int64_t>(values.size()) || entry->dtype != DType::f32)
      detail::fail(file.path, ": \"", name, "\": found ", entry->size(), " numbers of type ", entry->type_name(), ", expected ",
                   values.size(), " of type F32");
  }
  for (const auto& [name, values] : numbers) to_float(*file.find(name), values);
  return file.metadata;
}

TESSERA_INLINE std::int64_t detail::counter_of(const Metadata& metadata, const std::string& name) {
  const std::string& text = metadata.at(name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0)
    fail("state of a training: ", name, ": found \"", text, "\", expected a whole number");
  return value;
}

}  // namespace tessera
