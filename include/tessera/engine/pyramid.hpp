// SPDX-License-Identifier: MIT
#pragma once

// The feature maps of a backbone, from fine to coarse, for detection and segmentation:
//
//     const auto [f1, f2, f3, f4] = tessera::pyramid(model, image);
//
// Which intermediate results these are, the network says with N::pyramid, an array of their names. Each map is height×width×channels.

#include <array>

#include "tessera/engine/model.hpp"

namespace tessera {

using FeatureMap = Eigen::Tensor<float, 3, Eigen::RowMajor>;

namespace detail {

template <std::size_t Count>
class PyramidObserver : public Observer {
 public:
  explicit PyramidObserver(const std::array<std::string_view, Count>& names) : names_(names) {}
  void see(std::string_view name, Shape shape, const float* x) override {
    for (std::size_t i = 0; i < Count; ++i) {
      if (names_[i] != name) continue;
      maps_[i] = FeatureMap(shape.height, shape.width, shape.channels);
      std::copy_n(x, shape.size(), maps_[i].data());
    }
  }
  std::array<FeatureMap, Count> take() {
    for (std::size_t i = 0; i < Count; ++i)
      if (maps_[i].size() == 0) fail("pyramid: found no intermediate result \"", names_[i], "\", which the network's `pyramid` names");
    return std::move(maps_);
  }

 private:
  std::array<std::string_view, Count> names_;
  std::array<FeatureMap, Count> maps_;
};

}  // namespace detail

template <class N, Engine E>
std::array<FeatureMap, N::pyramid.size()> pyramid(const Model<N, E>& model, const Tensor<N::input>& image) {
  detail::PyramidObserver<N::pyramid.size()> observer(N::pyramid);
  model.observe(image, observer);
  return observer.take();
}

}  // namespace tessera
