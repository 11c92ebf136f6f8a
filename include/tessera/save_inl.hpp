// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "tessera/io/variants.hpp"
#include "tessera/kernels/int8/quantise_weights.hpp"
#include "tessera/save.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE TensorEntry published_tensor(const std::string& key, const Parameter& parameter) {
  Extents extents = extents_of(parameter);
  extents.insert(extents.begin(), static_cast<std::size_t>(parameter.leading_axes()), 1);
  const std::span<const float> values(parameter.data(), static_cast<std::size_t>(parameter.size()));
  Extents strides = dense_strides(extents);
  return {key, DType::f32, std::move(extents), std::move(strides), std::as_bytes(values)};
}

TESSERA_COLD_INLINE QuantisedTensors::QuantisedTensors(std::vector<TensorEntry> floats) : tensors(std::move(floats)) {
  constexpr std::int64_t least = 32;
  for (TensorEntry& tensor : tensors) {
    if (tensor.extents.size() != 2 || tensor.extents[0] < least || tensor.extents[1] < least || tensor.name.starts_with("head.")) continue;
    const auto rows = static_cast<std::size_t>(tensor.extents[0]), length = static_cast<std::size_t>(tensor.extents[1]);
    const auto* const from = reinterpret_cast<const float*>(tensor.bytes.data());
    Buffer scales(rows), bytes((rows * length + sizeof(float) - 1) / sizeof(float));
    auto* const to = reinterpret_cast<std::int8_t*>(bytes.data());
    for (std::size_t row = 0; row < rows; ++row)
      scales.data()[row] = quantise_weights(from + row * length, static_cast<std::ptrdiff_t>(length), 127, to + row * length).scale;
    tensor.dtype = DType::scaled_i8;
    tensor.bytes = {reinterpret_cast<const std::byte*>(to), rows * length};
    tensor.scales = std::as_bytes(scales.span());
    storage.push_back(std::move(scales));
    storage.push_back(std::move(bytes));
  }
}

}  // namespace tessera::detail
