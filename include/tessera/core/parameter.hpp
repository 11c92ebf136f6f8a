// SPDX-License-Identifier: MIT
#pragma once

// What a layer says about its weights: Parameter is the extent of one weight tensor and where its numbers are;
// Key is its name in a checkpoint, e.g. blocks.3.mlp_channels.fc1.weight.
//
// A parameter does not own its numbers: the Weights object that the layer belongs to does (engine-side copies are packed).
// Both are usable in constant expressions, so that a network's parameters are counted at compile time.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "tessera/core/compiled.hpp"

namespace tessera {

class Parameter {
 public:
  static constexpr int max_rank = 4;

  constexpr Parameter(std::initializer_list<int> extents) : rank_(static_cast<int>(extents.size())) {
    std::copy(extents.begin(), extents.end(), extents_.begin());
  }
  // Learnt by gradient descent (counted in a network's `parameters`), or a stored statistic such as a running mean.
  static constexpr Parameter statistic(int channels) {
    Parameter p{channels};
    p.freeze();
    return p;
  }

  constexpr int rank() const { return rank_; }
  constexpr int extent(int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  constexpr bool learnable() const { return learnable_; }
  constexpr void freeze() { learnable_ = false; }
  // One tensor for all members of a Repeat (layers/shared.hpp).
  constexpr bool shared() const { return shared_; }
  constexpr void share() { shared_ = true; }
  constexpr std::int64_t size() const {
    std::int64_t n = 1;
    for (int axis = 0; axis < rank_; ++axis) n *= extent(axis);
    return n;
  }

  constexpr const float* data() const { return data_; }
  // on_release, if given, is called when the numbers are not needed for a while.
  using Release = void (*)(const void* data, std::size_t bytes);
  constexpr void bind(const float* data, Release on_release = nullptr) {
    data_ = data;
    release_ = on_release;
  }
  // The numbers stay readable; a mapped file may give their memory back.
  void release() const {
    if (release_ != nullptr) release_(data_, static_cast<std::size_t>(size()) * sizeof(float));
  }

 private:
  std::array<int, max_rank> extents_{};
  int rank_;
  bool learnable_ = true;
  bool shared_ = false;
  const float* data_ = nullptr;
  Release release_ = nullptr;
};

// One segment of a parameter's name, linked to the segments inside it. Empty segments leave no dot.
class Key {
 public:
  constexpr Key(const char* name) : name_(name) {}
  constexpr Key(std::string_view name) : name_(name) {}
  constexpr Key(std::string_view name, const Key& inner) : name_(name), inner_(&inner) {}
  constexpr Key(int index, const Key& inner) : index_(index), inner_(&inner) {}

  std::string str() const {
    std::string joined;
    for (const Key* k = this; k != nullptr; k = k->inner_) {
      const std::string segment = k->index_ >= 0 ? std::to_string(k->index_) : std::string(k->name_);
      if (!segment.empty()) joined += joined.empty() ? segment : '.' + segment;
    }
    return joined;
  }

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

}  // namespace tessera
