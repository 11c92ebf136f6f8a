// SPDX-License-Identifier: MIT
#pragma once

// What a layer says about its weights: Parameter is the extents of one weight tensor and where its values are;
// Key is its name in a checkpoint, e.g. blocks.3.mlp_channels.fc1.weight.
//
// A parameter does not own its values: the Weights object that the layer belongs to does.
// Both are usable in constant expressions, so that a network's parameters are counted at compile time.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tessera/core/error.hpp"

namespace tessera {

class Parameter {
 public:
  // The most axes.
  static constexpr int max_rank = 4;

  // Extents as the checkpoint has them, the slowest axis first.
  constexpr Parameter(std::initializer_list<int> extents) : rank_(static_cast<int>(extents.size())) {
    std::copy(extents.begin(), extents.end(), extents_.begin());
  }
  // Not learnt by gradient descent (and not counted as a parameter): a stored statistic such as a running mean.
  static constexpr Parameter statistic(int channels) {
    Parameter p{channels};
    p.freeze();
    return p;
  }

  // The number of axes, and the extent of one of them.
  constexpr int rank() const { return rank_; }
  // The extent of an axis.
  constexpr int extent(int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  // The number of floats.
  constexpr std::int64_t size() const {
    std::int64_t n = 1;
    for (int axis = 0; axis < rank_; ++axis) n *= extent(axis);
    return n;
  }
  // Changes the first extent, such as the number of a layer's outputs. A parameter that has values cannot be resized: throws Error.
  constexpr void resize(int first_extent) {
    if (data_ != nullptr) detail::fail("Parameter: found values, expected none before its extents change");
    if (first_extent < 1) detail::fail("Parameter: found extent ", first_extent, ", expected 1 or more");
    extents_[0] = first_extent;
  }

  // How many axes of extent one published checkpoints have before these extents: 2 where a vector is published as 1×1×C.
  constexpr int leading_axes() const { return leading_axes_; }
  // Sets it.
  constexpr void publish_with_leading_axes(int axes) { leading_axes_ = axes; }

  // Whether it is learnt, and is counted.
  constexpr bool learnable() const { return learnable_; }
  // From now on it is not.
  constexpr void freeze() { learnable_ = false; }
  // One tensor for all members of a Repeat (layers/shared.hpp).
  constexpr bool shared() const { return shared_; }
  // From now on it is one.
  constexpr void share() { shared_ = true; }

  // size() floats, the last axis fastest; null until bind.
  constexpr const float* data() const { return data_; }
  // Takes size() values of somebody else, who keeps them alive (Weights::keep). on_release, if given, is called when the values are not
  // needed for a while.
  using Release = void (*)(const void* data, std::size_t bytes);
  // Gives it values, which the caller keeps alive.
  constexpr void bind(const float* data, Release on_release = nullptr) {
    data_ = data;
    release_ = on_release;
  }
  // The values stay readable; a mapped file may give their memory back.
  void release() const {
    if (release_ != nullptr) release_(data_, static_cast<std::size_t>(size()) * sizeof(float));
  }

 private:
  std::array<int, max_rank> extents_{};
  int rank_;
  int leading_axes_ = 0;
  bool learnable_ = true;
  bool shared_ = false;
  const float* data_ = nullptr;
  Release release_ = nullptr;
};

// One segment of a parameter's name, linked to the segments inside it. Empty segments leave no dot.
class Key {
 public:
  // The innermost segment.
  constexpr Key(const char* name) : name_(name) {}
  constexpr Key(std::string_view name) : name_(name) {}
  // A segment with others inside of it; a number is a segment, too.
  constexpr Key(std::string_view name, const Key& inner) : name_(name), inner_(&inner) {}
  // The member of a Repeat.
  constexpr Key(int index, const Key& inner) : index_(index), inner_(&inner) {}

  // All segments, with dots between them.
  std::string str() const;

 private:
  std::string_view name_;
  int index_ = -1;
  const Key* inner_ = nullptr;
};

// A parameter and its name in a checkpoint, e.g. blocks.0.norm1.alpha.
struct NamedParameter {
  std::string key;
  Parameter* parameter;
};
struct NamedConstParameter {
  std::string key;
  const Parameter* parameter;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/core/parameter_inl.hpp"
#endif
