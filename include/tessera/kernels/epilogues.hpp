// SPDX-License-Identifier: MIT
#pragma once

// What happens to sums s when they are complete (kernels/product.hpp says how):
//
//     StoreBias     y[n,c]  = act(s[n,c] + bias[c])                                     linear layer, with or without activation
//     AddBias       y[n,c] += act(s[n,c] + bias[c])                                     ... at the end of a residual branch
//     MultiplyInto  y[n,c] *= act(s[n,c] + bias[c])                                     one half of a gated layer, over the other
//     AddTokenBias  y[n,c] += scale[c]·s[n,c] + shift[c]·sums[n] + gain[c]·bias[n]      token mixing at the end of a residual branch

#include <algorithm>

#include "tessera/kernels/gelu.hpp"
#include "tessera/kernels/product.hpp"

namespace tessera::detail {

// A copy of n floats with room for whole packets.
template <Isa I, class Element>
Buffer padded_vector(std::ptrdiff_t n, Element element) {
  Buffer padded(static_cast<std::size_t>((n + lanes_of<I> - 1) / lanes_of<I> * lanes_of<I>));
  for (std::ptrdiff_t i = 0; i < n; ++i) padded.data()[i] = element(i);
  return padded;
}

struct NoActivation {
  template <class P>
  static P apply(const P& x) {
    return x;
  }
};

// A bias that sums begin with.
struct ChannelBias {
  ChannelBias(const float* of_channels) : bias(of_channels) {}
  template <class P>
  P start(std::ptrdiff_t, std::ptrdiff_t c) const {
    return Eigen::internal::ploadu<P>(bias + c);
  }

  const float* bias;
};

template <Isa I, class Activation>
struct StoreBias {
  float* y;
  std::ptrdiff_t stride;
  ChannelBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P&) const {
    return Activation::apply(sum);
  }
};

template <Isa I, class Activation = NoActivation>
struct AddBias {
  float* y;
  std::ptrdiff_t stride;
  ChannelBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P& old) const {
    return Eigen::internal::padd(old, Activation::apply(sum));
  }
};

template <Isa I, class Activation>
struct MultiplyInto {
  float* y;
  std::ptrdiff_t stride;
  ChannelBias bias;

  template <class P>
  P update(std::ptrdiff_t, std::ptrdiff_t, const P& sum, const P& old) const {
    return Eigen::internal::pmul(old, Activation::apply(sum));
  }
};

template <Isa I>
struct AddTokenBias {
  float* y;
  std::ptrdiff_t stride;
  const float* scale;  // per channel
  const float* shift;
  const float* gain;
  const float* sums;  // per token
  const float* bias;

  template <class P>
  P update(std::ptrdiff_t n, std::ptrdiff_t c, const P& sum, const P& old) const {
    using namespace Eigen::internal;
    const P constant = pmadd(ploadu<P>(shift + c), pset1<P>(sums[n]), pmul(ploadu<P>(gain + c), pset1<P>(bias[n])));
    return padd(old, pmadd(ploadu<P>(scale + c), sum, constant));
  }
};

}  // namespace tessera::detail
