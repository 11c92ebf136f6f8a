// SPDX-License-Identifier: MIT
#pragma once

// What happens to a tile of sums s while it is in cache:
//
//     StoreBias     y[n,c]  = act(s[n,c] + bias[c])                                     linear layer, with or without activation
//     AddBias       y[n,c] += act(s[n,c] + bias[c])                                     ... at the end of a residual branch
//     MultiplyInto  y[n,c] *= act(s[n,c] + bias[c])                                     one half of a gated layer, over the other
//     AddTokenBias  y[n,c] += scale[c]·s[n,c] + shift[c]·sums[n] + gain[c]·bias[n]      token mixing at the end of a residual branch
//
// Per-channel vectors are readable up to the end of the packet that holds their last element (padded_vector makes them so).

#include <algorithm>

#include "tessera/kernels/gelu.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// A copy of n floats with room for whole packets.
template <int Lanes, class Element>
Buffer padded_vector(std::ptrdiff_t n, Element element) {
  Buffer padded(static_cast<std::size_t>((n + Lanes - 1) / Lanes * Lanes));
  for (std::ptrdiff_t i = 0; i < n; ++i) padded.data()[i] = element(i);
  return padded;
}

// Replaces y[n,c] by update(n, c, packet of sums, packet of y) all over a tile. An incomplete packet at the end of a row goes through a
// small copy, so that nothing behind the row is touched.
template <int Lanes, class Update>
void update_tile(float* y, std::ptrdiff_t stride, const Tile& tile, const Update& update) {
  using P = Packet<Lanes>;
  using namespace Eigen::internal;
  for (int r = 0; r < tile.rows; ++r) {
    const std::ptrdiff_t n = tile.row + r;
    float* const to = y + n * stride + tile.column;
    const float* const sums = tile.sums + r * tile.stride;
    int j = 0;
    for (; j + Lanes <= tile.columns; j += Lanes) pstoreu(to + j, update(n, tile.column + j, ploadu<P>(sums + j), ploadu<P>(to + j)));
    if (j < tile.columns) {
      float old[Lanes] = {};
      std::copy_n(to + j, tile.columns - j, old);
      pstoreu(old, update(n, tile.column + j, ploadu<P>(sums + j), ploadu<P>(old)));
      std::copy_n(old, tile.columns - j, to + j);
    }
  }
}

struct NoActivation {
  template <class P>
  static P apply(const P& x) {
    return x;
  }
};

template <int Lanes, class Activation>
struct StoreBias {
  float* y;
  std::ptrdiff_t stride;
  const float* bias;

  void operator()(const Tile& tile) const {
    using P = Packet<Lanes>;
    using namespace Eigen::internal;
    update_tile<Lanes>(y, stride, tile, [&](std::ptrdiff_t, std::ptrdiff_t c, const P& sum, const P&) {
      return Activation::apply(padd(sum, ploadu<P>(bias + c)));
    });
  }
};

template <int Lanes, class Activation = NoActivation>
struct AddBias {
  float* y;
  std::ptrdiff_t stride;
  const float* bias;

  void operator()(const Tile& tile) const {
    using P = Packet<Lanes>;
    using namespace Eigen::internal;
    update_tile<Lanes>(y, stride, tile, [&](std::ptrdiff_t, std::ptrdiff_t c, const P& sum, const P& old) {
      return padd(old, Activation::apply(padd(sum, ploadu<P>(bias + c))));
    });
  }
};

template <int Lanes, class Activation>
struct MultiplyInto {
  float* y;
  std::ptrdiff_t stride;
  const float* bias;

  void operator()(const Tile& tile) const {
    using P = Packet<Lanes>;
    using namespace Eigen::internal;
    update_tile<Lanes>(y, stride, tile, [&](std::ptrdiff_t, std::ptrdiff_t c, const P& sum, const P& old) {
      return pmul(old, Activation::apply(padd(sum, ploadu<P>(bias + c))));
    });
  }
};

template <int Lanes>
struct AddTokenBias {
  float* y;
  std::ptrdiff_t stride;
  const float* scale;  // per channel
  const float* shift;
  const float* gain;
  const float* sums;  // per token
  const float* bias;

  void operator()(const Tile& tile) const {
    using P = Packet<Lanes>;
    using namespace Eigen::internal;
    update_tile<Lanes>(y, stride, tile, [&](std::ptrdiff_t n, std::ptrdiff_t c, const P& sum, const P& old) {
      const P constant = pmadd(ploadu<P>(shift + c), pset1<P>(sums[n]), pmul(ploadu<P>(gain + c), pset1<P>(bias[n])));
      return padd(old, pmadd(ploadu<P>(scale + c), sum, constant));
    });
  }
};

}  // namespace tessera::detail
