// SPDX-License-Identifier: MIT
#pragma once

// Weights<N>: a network with its numbers, as the checkpoint has them. It runs the reference forward, lists its parameters by key,
// and is what Model<N> is made from. The object itself is small: layers and numbers are on the heap or in a mapped file.

#include <memory>
#include <vector>

#include "tessera/layers/network.hpp"

namespace tessera {

template <class N>
class Weights {
 public:
  using Bound = typename N::Bound;
  static constexpr Shape input = N::input, output = N::output;

  // Parameters without numbers yet: bind each of parameters() before use.
  Weights() : layers_(std::make_unique<Bound>()) {}

  const Bound& layers() const { return *layers_; }

  std::vector<NamedParameter> parameters() {
    std::vector<NamedParameter> list;
    detail::visit_parameters(*layers_, [&list](const Key& key, Parameter& parameter) { list.push_back({key.str(), &parameter}); });
    return list;
  }

  // Keeps alive whatever the parameters are bound to.
  void keep(std::shared_ptr<const void> storage) { storage_.push_back(std::move(storage)); }

  // The reference forward of one image.
  Tensor<output> operator()(const Tensor<input>& x) const {
    Tensor<output> y(detail::output_shape<Bound>(x.shape()));
    Scratch scratch(detail::scratch_floats<Bound>(x.shape()));
    layers_->forward(x.view(), y.view(), scratch);
    return y;
  }

 private:
  std::unique_ptr<Bound> layers_;
  std::vector<std::shared_ptr<const void>> storage_;
};

}  // namespace tessera
