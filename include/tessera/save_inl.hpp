// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "tessera/io/variants.hpp"
#include "tessera/save.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE TensorEntry published_tensor(const std::string& key, const Parameter& parameter) {
  Extents extents = extents_of(parameter);
  extents.insert(extents.begin(), static_cast<std::size_t>(parameter.leading_axes()), 1);
  const std::span<const float> values(parameter.data(), static_cast<std::size_t>(parameter.size()));
  Extents strides = dense_strides(extents);
  return {key, DType::f32, std::move(extents), std::move(strides), std::as_bytes(values)};
}

}  // namespace tessera::detail
