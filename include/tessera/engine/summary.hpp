// SPDX-License-Identifier: MIT
#pragma once

// summary<N>(): a table of the layers of a network and how the engine runs each of them.
//
//     std::cout << tessera::summary<tessera::ResMlpS12>();
//
//     layer  kind        input      output     parameters  multiply-accumulates  runs
//     stem   PatchEmbed  224×224×3  14×14×384      295296              57802752  fused
//     ...
//
// "fused": by a kernel of the engine, alone or as a part of a step that it shares with its neighbours. "reference": no rule of the engine
// knows the layer, which runs its own forward and is slow. Model<N>::reference_layers lists those at compile time.

#include <string>
#include <vector>

#include "tessera/engine/rules/rules.hpp"
#include "tessera/layers/describe.hpp"
#include "tessera/layers/network.hpp"

namespace tessera {
namespace detail {

// One remark for each layer of the list that describe<N>() makes.
class RemarkWalker : public Walker {
 public:
  template <class Step, class Layer, class Bound>
  void leaf(Shape in, Shape) {
    LayerLister lister;
    Lister<Layer>::template list<Bound::input>(lister, in);
    add(lister.list.size(), requires { Step::runs_reference; });
  }
  std::vector<std::string> remarks;

 private:
  void add(std::size_t layers, bool reference) { remarks.insert(remarks.end(), layers, reference ? "reference" : "fused"); }
};

// classes: of the head, where that is not the type's; 0 otherwise.
template <class N, Engine E>
std::string summary_with_classes(Shape image, int classes) {
  std::vector<LayerInfo> layers = describe<N>(image);
  if (classes != 0) {
    LayerInfo& head = layers.back();
    head.output.channels = classes;
    head.macs = std::int64_t{classes} * head.input.channels;
    head.parameters = head.macs + classes;
  }
  RemarkWalker walker;
  LoweredOf<E, typename N::Body, typename N::Bound>::walk(walker, image);
  return layer_table(layers, "runs", walker.remarks);
}

}  // namespace detail

// For an image of the network's input shape, which has to be given where that is not fixed.
template <class N, Engine E = fast_engine>
std::string summary(Shape image = N::input) {
  return detail::summary_with_classes<N, E>(image, 0);
}

}  // namespace tessera
