// SPDX-License-Identifier: MIT
#pragma once

// network_entry<N, E>(): what a program has of the network N, compiled for the engine E.

#include "tessera/any/network_entry.hpp"
#include "tessera/any/networks.hpp"
#include "tessera/engine/model.hpp"
#include "tessera/engine/summary.hpp"
#include "tessera/load.hpp"

namespace tessera::detail {

// What a list for load_any says of a network: N or Int8<N>.
template <class Listed>
inline constexpr Precision precision_of = Precision::float32;
template <class N>
inline constexpr Precision precision_of<Int8<N>> = Precision::int8;
template <class Listed>
struct NetworkOfListed {
  using type = Listed;
};
template <class N>
struct NetworkOfListed<Int8<N>> {
  using type = N;
};
template <class Listed>
using NetworkOf = typename NetworkOfListed<Listed>::type;

template <class N>
std::vector<OwnParameter> parameters_of() {
  std::vector<OwnParameter> list;
  Weights<N> weights;
  for (const NamedParameter& named : weights.parameters()) list.push_back({named.key, *named.parameter});
  return list;
}

// The weights of a file, packed and ready to run, with `classes` classes.
template <class N, Engine E>
std::unique_ptr<const Runnable> load_runnable(const TensorFile& file, int classes, const std::string& state, LoadReport* report) {
  Weights<N> weights;
  if constexpr (has_head<N>) weights.set_classes(classes);
  weights = make_weights<N>(file, report, std::move(weights), state);
  BufferPool packed_weights;
  return std::make_unique<const RunnableOf<LoweredOf<E, typename N::Body, typename N::Bound>, N::input>>(weights.layers(), classes);
}

template <class N, Engine E = fast_engine>
NetworkEntry network_entry() {
  NetworkInfo info{N::name, N::input, 0, 0, N::parameter_count, N::macs, N::preprocessing};
  if constexpr (has_head<N>) {
    const Weights<N> weights;
    info.classes = weights.classes();
    info.head_inputs = weights.template layer<"head">().weight().extent(1);
  }
  return {info, parameters_of<N>, load_runnable<N, E>, Model<N, E>::intermediates, summary_with_classes<N, E>};
}

}  // namespace tessera::detail
