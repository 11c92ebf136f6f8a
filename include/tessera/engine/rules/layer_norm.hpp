// SPDX-License-Identifier: MIT
#pragma once

// LayerNorm and GroupNorm where no neighbour takes them in: in place.

#include "tessera/engine/lowered.hpp"
#include "tessera/engine/packed/copies.hpp"
#include "tessera/kernels/group_norm.hpp"
#include "tessera/kernels/layer_norm.hpp"
#include "tessera/layers/group_norm.hpp"
#include "tessera/layers/layer_norm.hpp"

namespace tessera::detail {

template <Engine E, Real Epsilon, class Original, class Bound>
class Lowered<E, LayerNorm<Epsilon>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer) : weight_(padded_copy<E>(layer.weight())), bias_(padded_copy<E>(layer.bias())) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape) { return 0; }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    const std::ptrdiff_t rows = flow.shape().positions(), channels = flow.shape().channels;
    float* const x = flow.in_place();
    normalise_rows<E>(x, channels, rows, channels, {Bound::epsilon, weight_.data(), bias_.data()}, x, channels, scratch);
  }

 private:
  Buffer weight_, bias_;
};

template <Engine E, int Groups, Real Epsilon, class Original, class Bound>
class Lowered<E, GroupNorm<Groups, Epsilon>, Original, Bound> {
 public:
  explicit Lowered(const Bound& layer) : weight_(padded_copy<E>(layer.weight())), bias_(padded_copy<E>(layer.bias())) {}
  static constexpr Shape output_shape(Shape in) { return in; }
  static constexpr std::size_t scratch_floats(Shape in) {
    return Groups == 1 ? normalise_image_floats(in.positions()) : normalise_groups_floats(in.positions(), in.channels);
  }
  static constexpr std::size_t flow_floats(Shape in) { return Scratch::rounded(in); }
  void run(Flow& flow, Scratch& scratch) const {
    const std::ptrdiff_t rows = flow.shape().positions(), channels = flow.shape().channels;
    const NormWeights norm{Bound::epsilon, weight_.data(), bias_.data()};
    if constexpr (Groups == 1) {
      normalise_image<E>(flow.in_place(), rows, channels, norm, scratch);
    } else {
      normalise_groups<E>(flow.in_place(), rows, channels, Groups, norm, scratch);
    }
  }

 private:
  Buffer weight_, bias_;
};

}  // namespace tessera::detail
