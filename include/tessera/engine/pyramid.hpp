// SPDX-License-Identifier: MIT
#pragma once

// The feature maps of a backbone, for detection and segmentation:
//
//     const auto [f1, f2, f3, f4] = tessera::pyramid(model, image);

#include <array>

#include "tessera/engine/model.hpp"

namespace tessera {

// height × width × channels
using FeatureMap = Tensor<any_shape>;

// The maps of one image, from fine to coarse. Which intermediate results these are, the network says with N::pyramid, an array of their
// names.
template <class N, Engine E>
std::array<FeatureMap, N::pyramid.size()> pyramid(const Model<N, E>& model, View<N::input> image) {
  constexpr std::size_t count = N::pyramid.size();
  static_assert(
      [] {
        for (const std::string_view name : N::pyramid)
          if (!Model<N, E>::has_intermediate(name)) return false;
        return true;
      }(),
      "pyramid: every name in the network's `pyramid` must be that of an intermediate result");
  auto maps = model.intermediates(image, std::span<const std::string_view>(N::pyramid));
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<FeatureMap, count>{std::move(maps[I])...};
  }(std::make_index_sequence<count>());
}

}  // namespace tessera
