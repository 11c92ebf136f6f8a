// SPDX-License-Identifier: MIT
//
// networks_full.txt and the table of networks agree. That this compiles is the test.

#include "full_types.hpp"

using namespace tessera;

// Networks for which there are no golden cases of full size.
using WithoutCases = detail::Joined<Cifar10Networks, GMlpNetworks, Networks<MixerL16Tanh>>::type;

template <class A, class B>
inline constexpr bool same = std::is_same_v<typename A::Body, typename B::Body>;

template <class N, class... Others>
constexpr bool is_among(Networks<Others...>) {
  return (same<N, Others> || ...);
}
// The list has exactly those networks of the table that have golden cases.
template <class... N>
constexpr bool list_is_complete(Networks<N...>) {
  return ((is_among<N>(FullTypes{}) != is_among<N>(WithoutCases{})) && ...);
}
// The list has nothing else but ConvMLPs without a head.
template <class... Listed>
constexpr bool list_is_of_the_table(Networks<Listed...>) {
  return ((is_among<Listed>(PublishedNetworks{}) || !detail::has_head<Listed>) && ...);
}

static_assert(list_is_complete(PublishedNetworks{}));
static_assert(list_is_of_the_table(FullTypes{}));
