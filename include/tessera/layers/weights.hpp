// SPDX-License-Identifier: MIT
#pragma once

// Weights<N>: a network with its values, as the checkpoint has them. It runs the reference forward, gives its parameters by key, and is
// what Model<N> is made from:
//
//     tessera::Weights<tessera::ResMlpS12> weights;
//     weights.allocate();                                              // zeros
//     std::ranges::fill(weights["blocks.0.norm1.alpha"], 1.0F);        // 384 floats
//     weights.layer<"blocks.0.norm1">().alpha().extent(0);             // 384
//
// The object itself is small: layers and values are on the heap or in a mapped file. It is moved, not copied.

#include <memory>
#include <span>
#include <vector>

#include "tessera/layers/find_layer.hpp"
#include "tessera/layers/network.hpp"
#include "tessera/layers/weight_store.hpp"

namespace tessera {

template <class N>
class Weights {
 public:
  using network = N;
  using Bound = typename N::Bound;
  static constexpr Shape input = N::input, output = N::output;

  // Parameters without values: allocate() them, or bind each of parameters() to values that keep() keeps alive.
  Weights() : layers_(std::make_unique<Bound>()) {}

  // Gives each parameter that has no values zeros, which this object owns.
  void allocate() { store_.allocate(parameters()); }

  // The values of a parameter, in the checkpoint's order. Throws Error if there is no parameter of that key (the message has the nearest
  // ones) or if it has no values. Values that another object owns, such as a mapped file, are copied before they can be written.
  std::span<float> operator[](std::string_view key) { return store_.writable(detail::find_parameter(parameters(), key), key); }
  std::span<const float> operator[](std::string_view key) const { return detail::readable(detail::find_parameter(list(), key), key); }

  // All parameters, in the order of the layers. One that blocks share is there under each of its keys.
  std::vector<NamedParameter> parameters() { return list(); }
  std::vector<NamedConstParameter> parameters() const {
    std::vector<NamedConstParameter> parameters;
    for (NamedParameter& named : list()) parameters.push_back({std::move(named.key), named.parameter});
    return parameters;
  }

  // All layers, and one of them by its names: layer<"head">().weight(). The copy sees values that this object owns.
  const Bound& layers() const { return *layers_; }
  // One of them by its names.
  template <Name Path>
  auto layer() const {
    auto found = detail::Finder<typename N::Body>::template find<Path, 0>(*layers_);
    static_assert(detail::is_layer_found<decltype(found)>, "Weights: the network must have a layer of that name");
    return found;
  }

  // The number of classes: of the network's type, or as set_classes has set it.
  int classes() const
    requires(detail::has_head<N>)
  {
    return layer<"head">().weight().extent(0);
  }
  // Another number of classes for a head, Named<"head", Linear<...>>, that has no values yet. Throws Error if it has, or if the number is
  // not positive. load_any and checkpoints take the new number; Model<N> and the reference forward have that of the type.
  void set_classes(int classes)
    requires(detail::has_head<N>)
  {
    detail::set_classes(parameters(), classes);
  }

  // Throws Error that names the first parameter without values.
  void check_bound() const { detail::check_bound(list()); }
  // The same, and throws Error if the number of classes is not that of N.
  void check_ready() const {
    check_bound();
    if constexpr (detail::has_head<N>)
      if (classes() != output.channels) detail::fail("Weights: found ", classes(), " classes, expected ", output.channels);
  }

  // Keeps alive whatever the parameters are bound to.
  void keep(std::shared_ptr<const void> storage) { store_.keep(std::move(storage)); }

  // The reference forward of one image, channels last. Throws Error if a parameter has no values, or if the network does not accept the
  // image's shape.
  Tensor<output> operator()(View<input> x) const {
    check_ready();
    Tensor<output> y(detail::output_shape<Bound>(x.shape()));
    Scratch scratch(detail::scratch_floats<Bound>(x.shape()));
    layers_->forward(x, y.view(), scratch);
    return y;
  }

 private:
  std::vector<NamedParameter> list() const {
    std::vector<NamedParameter> list;
    detail::visit_parameters(*layers_, [&list](const Key& key, Parameter& parameter) { list.push_back({key.str(), &parameter}); });
    return list;
  }

  std::unique_ptr<Bound> layers_;
  detail::WeightStore store_;
};

}  // namespace tessera
