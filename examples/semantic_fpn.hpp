// SPDX-License-Identifier: MIT
#pragma once

// ConvMLP with a feature pyramid network and the head of Semantic FPN: one score for each class and each cell of 4×4 pixels.
//
//     L_i = lateral_i(F_i)         L_i += nearest(L_{i+1})         P_i = smooth_i(L_i)            i = 1..4, from the coarsest
//     S   = head_1(P_1) + Σ_{i>1} head_i(P_i)                      scores = conv_seg(S)
//
// lateral_i: 1×1 to 256 channels. smooth_i: 3×3. head_i: i - 1 times (at least once) 3×3 to 128 channels without bias, batch norm, ReLU;
// for i > 1 each is followed by enlarging to twice the size, bilinear with half-pixel centres, and the sum is of the size of P_1.
// Lin et al. 2017, arXiv:1612.03144; Kirillov et al. 2019, Panoptic Feature Pyramid Networks, arXiv:1901.02446, section 3.1.
// Keys: those of mmsegmentation's EncoderDecoder with FPN and FPNHead, which the authors of ConvMLP trained with: backbone.,
// neck.lateral_convs.0.conv., neck.fpn_convs.0.conv., decode_head.scale_heads.1.0.conv., decode_head.scale_heads.1.0.bn.,
// decode_head.conv_seg.

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tessera/engine/pyramid.hpp"
#include "tessera/load.hpp"
#include "tessera/models/conv_mlp.hpp"

namespace semantic_fpn {

using tessera::FeatureMap, tessera::Shape, tessera::TensorEntry, tessera::TensorFile;

constexpr int neck_channels = 256, head_channels = 128;

template <int In>
using Lateral =
    tessera::Network<Shape{tessera::Dynamic, tessera::Dynamic, In}, tessera::Named<"conv", tessera::Convolution<neck_channels, 1>>>;
using Smooth = tessera::Network<Shape{tessera::Dynamic, tessera::Dynamic, neck_channels},
                                tessera::Named<"conv", tessera::Convolution<neck_channels, 3, 1, 1>>>;
template <int In>
using HeadStep = tessera::Network<Shape{tessera::Dynamic, tessera::Dynamic, In}, tessera::ConvNormRelu<"conv", "bn", head_channels, 3>>;

// The tensors whose names begin with the prefix, without it.
inline TensorFile part_of(const TensorFile& file, const std::string& prefix) {
  TensorFile part{.path = file.path + ", " + prefix,
                  .format = file.format,
                  .tensors = {},
                  .metadata = {},
                  .storage = file.storage,
                  .mapped = file.mapped};
  for (TensorEntry tensor : file.tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    tensor.name.erase(0, prefix.size());
    part.tensors.push_back(std::move(tensor));
  }
  if (part.tensors.empty())
    throw tessera::Error(file.path + ": found no tensors " + prefix + "*, expected a checkpoint of ConvMLP with Semantic FPN");
  return part;
}

// A piece of the network with its weights.
template <class N>
class Part {
 public:
  Part(const TensorFile& file, const std::string& prefix) : model_(tessera::make_weights<N>(part_of(file, prefix))) {}
  FeatureMap operator()(const FeatureMap& x) const {
    const auto y = model_(tessera::View<N::input>(x.data(), x.shape()));
    return FeatureMap(tessera::View<tessera::any_shape>(y.data(), y.shape()));
  }

 private:
  tessera::Model<N> model_;
};

// Adds the map, enlarged to the size of `sum` by repeating positions: PyTorch's interpolate(mode="nearest").
inline void add_nearest(FeatureMap& sum, const FeatureMap& map) {
  const Shape to = sum.shape(), from = map.shape();
  const auto source = [](int i, int size, int of) {
    return std::min(static_cast<int>(static_cast<float>(i) * (static_cast<float>(of) / static_cast<float>(size))), of - 1);
  };
  for (int y = 0; y < to.height; ++y)
    for (int x = 0; x < to.width; ++x) {
      float* const out = sum.data() + (std::ptrdiff_t{y} * to.width + x) * to.channels;
      const float* const in =
          map.data() + (std::ptrdiff_t{source(y, to.height, from.height)} * from.width + source(x, to.width, from.width)) * from.channels;
      for (int c = 0; c < to.channels; ++c) out[c] += in[c];
    }
}

// Where a position of an enlarged side lies between two of the original: PyTorch's interpolate(mode="bilinear", align_corners=False).
struct Between {
  int first, second;
  float share;  // of the second

  Between(int position, int size, int of) {
    const float at = std::max((static_cast<float>(position) + 0.5F) * (static_cast<float>(of) / static_cast<float>(size)) - 0.5F, 0.0F);
    first = std::min(static_cast<int>(at), of - 1);
    second = std::min(first + 1, of - 1);
    share = at - static_cast<float>(first);
  }
};

// The values of a map at a position of a grid of height × width.
inline void interpolate(const FeatureMap& map, const Between& row, const Between& column, std::span<float> out) {
  const Shape from = map.shape();
  const auto at = [&](int y, int x) { return map.data() + (std::ptrdiff_t{y} * from.width + x) * from.channels; };
  const float *const a = at(row.first, column.first), *const b = at(row.first, column.second), *const c = at(row.second, column.first),
                     *const d = at(row.second, column.second);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const float upper = (1 - column.share) * a[i] + column.share * b[i], lower = (1 - column.share) * c[i] + column.share * d[i];
    out[i] = (1 - row.share) * upper + row.share * lower;
  }
}

inline FeatureMap enlarged(const FeatureMap& map, int height, int width) {
  const Shape from = map.shape();
  FeatureMap out(Shape{height, width, from.channels});
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      interpolate(map, Between(y, height, from.height), Between(x, width, from.width),
                  {out.data() + (std::ptrdiff_t{y} * width + x) * from.channels, static_cast<std::size_t>(from.channels)});
  return out;
}

// Backbone: a ConvMlpBackbone for images of any size.
template <class Backbone, int... Widths>
class Segmenter {
 public:
  static constexpr std::size_t levels = sizeof...(Widths);

  explicit Segmenter(const TensorFile& file)
      : backbone_(tessera::make_weights<Backbone>(part_of(file, "backbone."))),
        laterals_(laterals_of(file, std::make_index_sequence<levels>())) {
    for (std::size_t i = 0; i < levels; ++i) {
      smooth_.emplace_back(file, "neck.fpn_convs." + std::to_string(i) + '.');
      const std::string head = "decode_head.scale_heads." + std::to_string(i) + '.';
      first_steps_.emplace_back(file, head + "0.");
      for (std::size_t step = 1; step < i; ++step) more_steps_.emplace_back(file, head + std::to_string(2 * step) + '.');
    }
    const TensorFile last = part_of(file, "decode_head.conv_seg.");
    const TensorEntry *const weight = last.find("weight"), *const bias = last.find("bias");
    if (weight == nullptr || bias == nullptr || weight->size() != bias->size() * head_channels || bias->size() == 0)
      throw tessera::Error(last.path + ": found no weight and bias of fitting sizes, expected classes×128×1×1 and classes");
    weight_.resize(head_channels, static_cast<Eigen::Index>(bias->size()));
    bias_.resize(static_cast<Eigen::Index>(bias->size()));
    tessera::to_float(*weight, {weight_.data(), static_cast<std::size_t>(weight_.size())});
    tessera::to_float(*bias, {bias_.data(), static_cast<std::size_t>(bias_.size())});
  }

  int classes() const { return static_cast<int>(bias_.size()); }

  // Scores of each class for each cell: a quarter of the image's sides.
  FeatureMap scores(tessera::View<Backbone::input> image) const {
    const auto maps = tessera::pyramid(backbone_, image);
    std::vector<FeatureMap> merged = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::vector<FeatureMap>{std::get<I>(laterals_)(maps[I])...};
    }(std::make_index_sequence<levels>());
    for (std::size_t i = levels - 1; i > 0; --i) add_nearest(merged[i - 1], merged[i]);
    FeatureMap sum = first_steps_[0](smooth_[0](merged[0]));
    const Shape fine = sum.shape();
    std::size_t next = 0;
    for (std::size_t i = 1; i < levels; ++i) {
      FeatureMap x = first_steps_[i](smooth_[i](merged[i]));
      x = enlarged(x, 2 * x.shape().height, 2 * x.shape().width);
      for (std::size_t step = 1; step < i; ++step) {
        x = more_steps_[next++](x);
        x = enlarged(x, 2 * x.shape().height, 2 * x.shape().width);
      }
      x = enlarged(x, fine.height, fine.width);
      std::transform(x.begin(), x.end(), sum.begin(), sum.begin(), std::plus<>());
    }
    FeatureMap result(Shape{fine.height, fine.width, classes()});
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const Eigen::Index positions = Eigen::Index{fine.height} * fine.width;
    Eigen::Map<Rows> out(result.data(), positions, classes());
    out.noalias() = Eigen::Map<const Rows>(sum.data(), positions, head_channels) * weight_;
    out.rowwise() += bias_;
    return result;
  }

  // The class of every pixel of an image of height × width: the highest of the scores, which are enlarged to its size.
  std::vector<int> classes_of_pixels(const FeatureMap& scores, int height, int width) const {
    std::vector<int> found;
    std::vector<float> pixel(static_cast<std::size_t>(classes()));
    for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x) {
        interpolate(scores, Between(y, height, scores.shape().height), Between(x, width, scores.shape().width), pixel);
        found.push_back(static_cast<int>(std::max_element(pixel.begin(), pixel.end()) - pixel.begin()));
      }
    return found;
  }

 private:
  template <std::size_t... I>
  static std::tuple<Part<Lateral<Widths>>...> laterals_of(const TensorFile& file, std::index_sequence<I...>) {
    return {Part<Lateral<Widths>>(file, "neck.lateral_convs." + std::to_string(I) + '.')...};
  }

  tessera::Model<Backbone> backbone_;
  std::tuple<Part<Lateral<Widths>>...> laterals_;
  std::vector<Part<Smooth>> smooth_;
  std::vector<Part<HeadStep<neck_channels>>> first_steps_;
  std::vector<Part<HeadStep<head_channels>>> more_steps_;  // level by level
  Eigen::MatrixXf weight_;                                 // a column for each class
  Eigen::RowVectorXf bias_;
};

}  // namespace semantic_fpn
