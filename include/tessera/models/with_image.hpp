// SPDX-License-Identifier: MIT
#pragma once

// WithImage<N, Image>: the network N for images of another size, or of any size, and with everything else that N says: name,
// preprocessing, ...
//
//     using AnySize = tessera::WithImage<tessera::ConvMlpS, tessera::any_rgb>;
//     using Wide = tessera::WithImage<tessera::SpachMsXxsConv, tessera::Shape{256, 512, 3}>;
//
// It takes N's checkpoints, so the weights of N must not depend on the image size: those of ConvMLP and of SPACH with convolution or
// attention do not, those of layers across tokens do.

#include "tessera/layers/network.hpp"

namespace tessera {

namespace detail {

// A number that follows from the extents of all parameters.
template <class B>
constexpr std::uint64_t extents_fingerprint() {
  B layer{};
  std::uint64_t print = 14695981039346656037U;  // FNV-1a
  detail::visit_parameters(layer, [&print](const Key&, const Parameter& p) {
    for (int axis = 0; axis < p.rank(); ++axis) print = (print ^ static_cast<std::uint64_t>(p.extent(axis))) * 1099511628211U;
    print = (print ^ 0xffffU) * 1099511628211U;
  });
  return print;
}

template <Shape Image, class... Layers>
auto image_replaced(Sequential<Layers...>*) -> Network<Image, Layers...>;

}  // namespace detail

template <class N, Shape Image>
struct WithImage : N {
  static_assert(Image.channels == N::input.channels, "WithImage: the number of channels must stay");
  using Changed = decltype(detail::image_replaced<Image>(static_cast<typename N::Body*>(nullptr)));
  using Body = typename Changed::Body;
  using Bound = typename Changed::Bound;
  static_assert(detail::extents_fingerprint<Bound>() == detail::extents_fingerprint<typename N::Bound>(),
                "WithImage: the weights of the network must not depend on the image size");

  static constexpr Shape input = Image;
  static constexpr Shape output = Changed::output;
  static constexpr std::int64_t parameter_count = Changed::parameter_count;
  static constexpr std::int64_t macs = Changed::macs;

  static constexpr std::int64_t macs_at(Shape image) { return Changed::macs_at(image); }
};

}  // namespace tessera
