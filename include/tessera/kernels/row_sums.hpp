// SPDX-License-Identifier: MIT
#pragma once

// Sums over rows of activations: of the values, and of the squares of their distances from a centre. The order of summation depends on the
// length of the row alone.

#include <algorithm>

#include "tessera/kernels/packet.hpp"

namespace tessera::detail {

// Adds up a row, lane by lane: add(sum, packet of x) gives the new sum. Four sums run side by side; the incomplete packet at the end is
// filled with `absent`.
template <Isa I, class Add>
EIGEN_ALWAYS_INLINE Packet<I> sum_row(const float* x, std::ptrdiff_t channels, float absent, const Add& add) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  P a = pset1<P>(0.0F), b = a, c = a, d = a;
  const float* const end = x + channels;
  for (; end - x >= 4 * lanes_of<I>; x += 4 * lanes_of<I>) {
    a = add(a, ploadu<P>(x));
    b = add(b, ploadu<P>(x + lanes_of<I>));
    c = add(c, ploadu<P>(x + 2 * lanes_of<I>));
    d = add(d, ploadu<P>(x + 3 * lanes_of<I>));
  }
  for (; end - x >= lanes_of<I>; x += lanes_of<I>) a = add(a, ploadu<P>(x));
  if (lanes_of<I> > 1 && x < end) {
    float rest[lanes_of<I>];
    std::fill_n(rest, lanes_of<I>, absent);
    std::copy(x, end, rest);
    b = add(b, ploadu<P>(rest));
  }
  return padd(padd(a, b), padd(c, d));
}
// Of the row itself, and of the squares of its distances from `centre`.
template <Isa I>
EIGEN_ALWAYS_INLINE Packet<I> sum_of_row(const float* x, std::ptrdiff_t channels) {
  using P = Packet<I>;
  return sum_row<I>(x, channels, 0.0F, [](const P& sum, const P& p) { return Eigen::internal::padd(sum, p); });
}
template <Isa I>
EIGEN_ALWAYS_INLINE Packet<I> sum_of_squares(const float* x, std::ptrdiff_t channels, float centre) {
  using P = Packet<I>;
  using namespace Eigen::internal;
  return sum_row<I>(x, channels, centre, [middle = pset1<P>(centre)](const P& sum, const P& p) {
    const P centred = psub(p, middle);
    return pmadd(centred, centred, sum);
  });
}

// At most four lanes with the same sum.
template <class P>
EIGEN_ALWAYS_INLINE auto narrowed(const P& packet) {
  if constexpr (Eigen::internal::unpacket_traits<P>::size > 4) {
    return narrowed(half_sum(packet));
  } else {
    return packet;
  }
}

// to[i] = finish(the sum of the lanes of row(i)) for i < rows; it may write more, up to as many as a packet has lanes.
template <Isa I, class Row, class Finish>
EIGEN_ALWAYS_INLINE void sums_of_lanes(int rows, const Row& row, const Finish& finish, float (&to)[lanes_of<I>]) {
  using namespace Eigen::internal;
  using Narrow = decltype(narrowed(row(0)));
  constexpr int together = unpacket_traits<Narrow>::size;
  for (int first = 0; first < rows; first += together) {
    PacketBlock<Narrow, together> square;
    for (int i = 0; i < together; ++i) square.packet[i] = first + i < rows ? narrowed(row(first + i)) : pset1<Narrow>(0.0F);
    ptranspose(square);
    for (int apart = together / 2; apart > 0; apart /= 2)
      for (int i = 0; i < apart; ++i) square.packet[i] = padd(square.packet[i], square.packet[i + apart]);
    pstoreu(to + first, finish(square.packet[0]));
  }
}

}  // namespace tessera::detail
