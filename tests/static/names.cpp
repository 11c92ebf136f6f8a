// SPDX-License-Identifier: MIT
//
// Names of networks and checkpoints: of one type, and no two alike.

#include <algorithm>
#include <array>

#include "tessera/any/networks.hpp"

using namespace tessera;

template <class... N, class... C>
constexpr auto names(Networks<N...>, Networks<C...>) {
  return std::array{N::name..., C::name...};
}

constexpr auto all = [] {
  auto sorted = names(PublishedNetworks{}, PublishedCheckpoints{});
  std::ranges::sort(sorted);
  return sorted;
}();
static_assert(std::is_same_v<decltype(all)::value_type, std::string_view>);
static_assert(std::ranges::adjacent_find(all) == all.end());

static_assert(ResMlpS12In1k::name == "resmlp_12_224.fb_in1k" && MixerB16MiilIn21kIn1k::name == "mixer_b16_224.miil_in21k_ft_in1k");
static_assert(ConvMlpSCifar10::name == "convmlp_s_cifar10");
