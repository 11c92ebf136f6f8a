// SPDX-License-Identifier: MIT
#pragma once

// All channels of a position, one packet at a time, for work on each channel alone: calls f(P{}, c) for the channels from c on, P being
// a packet, or float where there are fewer channels than lanes. An incomplete last packet is moved to the left, so that some channels
// are worked on twice: f must not read what it writes.

#include <algorithm>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

template <Isa I, class F>
void each_packet(std::ptrdiff_t channels, const F& f) {
  if (channels < lanes_of<I>) {
    for (std::ptrdiff_t c = 0; c < channels; ++c) f(float{}, c);
  } else {
    for (std::ptrdiff_t c = 0; c < channels; c += lanes_of<I>) f(Packet<I>{}, std::min(c, channels - lanes_of<I>));
  }
}

// y[c] = transform(c, packet of x) over a row; x may be y. Four packets run side by side.
template <Isa I, class Transform>
EIGEN_ALWAYS_INLINE void transform_row(const float* x, std::ptrdiff_t channels, float* y, const Transform& transform) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  // Where channels are a constant, these are as well, and loops that have nothing to do are seen to be empty.
  const std::ptrdiff_t fours = channels / (4 * lanes_of<I>)*(4 * lanes_of<I>), whole = channels / lanes_of<I> * lanes_of<I>;
  for (std::ptrdiff_t c = 0; c < fours; c += 4 * lanes_of<I>) {
    P packets[4];
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) packets[i] = transform(c + i * lanes_of<I>, ploadu<P>(x + c + i * lanes_of<I>));
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) pstoreu(y + c + i * lanes_of<I>, packets[i]);
  }
  for (std::ptrdiff_t c = fours; c < whole; c += lanes_of<I>) pstoreu(y + c, transform(c, ploadu<P>(x + c)));
  if (whole < channels) {
    float rest[lanes_of<I>] = {};
    std::copy(x + whole, x + channels, rest);
    pstoreu(rest, transform(whole, ploadu<P>(rest)));
    std::copy_n(rest, channels - whole, y + whole);
  }
}

}  // namespace tessera::detail
