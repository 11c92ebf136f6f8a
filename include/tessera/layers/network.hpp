// SPDX-License-Identifier: MIT
#pragma once

// Network<In, A, B, ...>: layers in sequence, bound to the image that they take. It is a type and holds no values;
// everything that follows from the shapes is a constant:
//
//     input, output     shapes
//     parameter_count   learnable values, shared ones counted once
//     macs              multiply-accumulates of one image: linear layers, convolutions and attention products; 0 where the size of images
//                       is not fixed, for which there is macs_at(shape)
//
// How images are prepared for a network does not follow from its layers. A network for images derives from this one and says it:
//
//     struct Pets : MlpMixer<Shape{224, 224, 3}, 16, 512, 8, 256, 2048, Gelu, 37> {
//       static constexpr Preprocessing preprocessing = mixer_preprocessing;
//     };
//
// Weights<N> (layers/weights.hpp) has its values, Model<N> (engine/model.hpp) runs it fast.

#include "tessera/layers/linear.hpp"
#include "tessera/layers/named.hpp"
#include "tessera/layers/sequential.hpp"

namespace tessera {

namespace detail {

// The classifier of a network: a last layer Named<"head", Linear<...>>.
template <class L>
inline constexpr bool is_head = false;
template <int Classes>
inline constexpr bool is_head<Named<"head", Linear<Classes>>> = true;
template <class... Layers>
constexpr bool ends_with_head(Sequential<Layers...>*) {
  bool last = false;
  ((last = is_head<Layers>), ...);
  return last;
}
template <class N>
inline constexpr bool has_head = ends_with_head(static_cast<typename N::Body*>(nullptr));

}  // namespace detail

template <Shape In, class... Layers>
struct Network {
  using Body = Sequential<Layers...>;
  using Bound = typename Body::template At<In>;

  static constexpr Shape input = In;
  static constexpr Shape output = Bound::output;
  static constexpr std::int64_t parameter_count = detail::count_parameters<Bound>();
  static constexpr std::int64_t macs = In.fixed() ? Bound::macs(In) : 0;

  static constexpr std::int64_t macs_at(Shape image) { return Bound::macs(image); }
};

}  // namespace tessera
