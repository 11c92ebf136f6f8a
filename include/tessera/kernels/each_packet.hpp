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

}  // namespace tessera::detail
