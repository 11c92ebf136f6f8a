// SPDX-License-Identifier: MIT
#pragma once

// The engine's own copies of parameters that it uses as the checkpoint has them.

#include <algorithm>

#include "tessera/core/buffer.hpp"
#include "tessera/core/parameter.hpp"
#include "tessera/kernels/isa.hpp"

namespace tessera::detail {

// Zeros for n floats and the rest of their last packet.
template <Isa I>
Buffer padded_zeros(std::ptrdiff_t n) {
  return Buffer(static_cast<std::size_t>((n + lanes_of<I> - 1) / lanes_of<I> * lanes_of<I>));
}

// element(i) for i < n, with room for whole packets.
template <Isa I, class Element>
Buffer padded_vector(std::ptrdiff_t n, Element element) {
  Buffer padded = padded_zeros<I>(n);
  for (std::ptrdiff_t i = 0; i < n; ++i) padded.data()[i] = element(i);
  return padded;
}

template <Isa I>
Buffer padded_copy(const Parameter& p) {
  Buffer copy = padded_zeros<I>(static_cast<std::ptrdiff_t>(p.size()));
  std::copy_n(p.data(), p.size(), copy.data());
  return copy;
}

inline Buffer copy_of(const Parameter& p) {
  Buffer copy(static_cast<std::size_t>(p.size()));
  std::copy_n(p.data(), p.size(), copy.data());
  return copy;
}

}  // namespace tessera::detail
