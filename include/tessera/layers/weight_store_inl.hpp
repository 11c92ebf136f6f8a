// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tessera/core/buffer_pool.hpp"
#include "tessera/core/nearest.hpp"
#include "tessera/layers/weight_store.hpp"

namespace tessera::detail {

[[noreturn]] inline void fail_unbound(std::string_view key) {
  fail("Weights: found no values for parameter \"", key, "\", expected them from a checkpoint, allocate() or bind()");
}

TESSERA_COLD_INLINE Parameter& find_parameter(std::span<const NamedParameter> parameters, std::string_view key) {
  for (const NamedParameter& named : parameters)
    if (named.key == key) return *named.parameter;
  std::vector<std::string_view> keys;
  for (const NamedParameter& named : parameters) keys.push_back(named.key);
  fail("Weights: found no parameter \"", printable(key), '"', did_you_mean(key, keys));
}

TESSERA_COLD_INLINE std::span<const float> readable(const Parameter& parameter, std::string_view key) {
  if (parameter.data() == nullptr) fail_unbound(key);
  return {parameter.data(), static_cast<std::size_t>(parameter.size())};
}

TESSERA_COLD_INLINE void check_bound(std::span<const NamedParameter> parameters) {
  for (const NamedParameter& named : parameters)
    if (named.parameter->data() == nullptr) fail_unbound(named.key);
}

TESSERA_COLD_INLINE void set_classes(std::span<const NamedParameter> parameters, int classes) {
  if (classes < 1) fail("Weights: found ", classes, " classes, expected 1 or more");
  Parameter &weight = find_parameter(parameters, "head.weight"), &bias = find_parameter(parameters, "head.bias");
  if (weight.extent(0) == classes) return;
  if (weight.data() != nullptr || bias.data() != nullptr)
    fail("Weights: found a head with values, expected the number of classes to be set before");
  weight.resize(classes);
  bias.resize(classes);
}

TESSERA_COLD_INLINE void WeightStore::allocate(std::span<const NamedParameter> parameters) {
  BufferPool together;
  for (const NamedParameter& named : parameters) {
    if (named.parameter->data() != nullptr) continue;  // also one that blocks share
    buffers_.emplace_back(static_cast<std::size_t>(named.parameter->size()));
    named.parameter->bind(buffers_.back().data());
  }
}

TESSERA_COLD_INLINE std::span<float> WeightStore::writable(Parameter& parameter, std::string_view key) {
  if (parameter.data() == nullptr) fail_unbound(key);
  const auto size = static_cast<std::size_t>(parameter.size());
  for (Buffer& buffer : buffers_)
    if (buffer.data() == parameter.data()) return {buffer.data(), size};
  buffers_.emplace_back(size);
  std::copy_n(parameter.data(), size, buffers_.back().data());
  parameter.bind(buffers_.back().data());
  return buffers_.back().span();
}

}  // namespace tessera::detail
