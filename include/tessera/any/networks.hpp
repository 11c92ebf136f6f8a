// SPDX-License-Identifier: MIT
#pragma once

// The table of networks: which networks and published checkpoints exist, as types. It is the only list. Names at run time, the recognition
// of files, the compiled library, benchmarks, golden tests and the table in docs/checkpoints.md follow from it.
//
// A network stands on a line of its own (CMakeLists.txt reads the lines, too).

#include "tessera/models/cifar10.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/gmlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"

namespace tessera {

// In a list for load_any: the network N with products of bytes (Precision::int8).
template <class N>
struct Int8;

// A list of networks or checkpoints.
template <class... N>
struct Networks {
  // How many.
  static constexpr std::size_t count = sizeof...(N);
};

namespace detail {

template <class... Lists>
struct Joined;
template <class... A>
struct Joined<Networks<A...>> {
  using type = Networks<A...>;
};
template <class... A, class... B, class... Rest>
struct Joined<Networks<A...>, Networks<B...>, Rest...> : Joined<Networks<A..., B...>, Rest...> {};

}  // namespace detail

// clang-format off
using Cifar10Networks = Networks<
    ResMlpCifar10,
    MixerCifar10,
    SpachMsCifar10,
    ConvMlpCifar10>;

using ResMlpNetworks = Networks<
    ResMlpS12,
    ResMlpS24,
    ResMlpS36,
    ResMlpB24,
    ResMlpB24P8>;

using MixerNetworks = Networks<
    MixerS32,
    MixerS16,
    MixerB32,
    MixerB16,
    MixerL32,
    MixerL16,
    MixerH14,
    MixerB16Tanh,
    MixerL16Tanh>;

using SpachNetworks = Networks<
    SpachXxsConv,
    SpachXxsMlp,
    SpachXxsAttn,
    SpachXsConv,
    SpachXsMlp,
    SpachXsAttn,
    SpachSConv,
    SpachSMlp,
    SpachSAttn,
    SpachSMlpShared>;

using SpachMsNetworks = Networks<
    SpachMsXxsConv,
    SpachMsXxsMlp,
    SpachMsXxsAttn,
    SpachMsXsConv,
    SpachMsXsMlp,
    SpachMsXsAttn,
    SpachMsSConv,
    SpachMsSMlp,
    SpachMsSAttn,
    SpachMsSMlpShared,
    SpachMsXsHybrid,
    SpachMsXsHybridPlus,
    SpachMsSHybrid,
    SpachMsSHybridPlus>;

using ConvMlpNetworks = Networks<
    ConvMlpS,
    ConvMlpM,
    ConvMlpL>;

using GMlpNetworks = Networks<
    GMlpTi16,
    GMlpS16,
    GMlpB16,
    GMixer12,
    GMixer24>;
// clang-format on

// Every network that is known by name. Where a file fits two (weights that may be shared, the two forms of GELU), the first is taken.
using PublishedNetworks =
    detail::Joined<Cifar10Networks, ResMlpNetworks, MixerNetworks, SpachNetworks, SpachMsNetworks, ConvMlpNetworks, GMlpNetworks>::type;

// Every published checkpoint. Each derives from its network, apart from those that have another number of classes.
using PublishedCheckpoints =
    Networks<ResMlpS12In1k, ResMlpS24In1k, ResMlpS36In1k, ResMlpB24P8In1k, ResMlpS12DistilledIn1k, ResMlpS24DistilledIn1k,
             ResMlpS36DistilledIn1k, ResMlpB24P8DistilledIn1k, ResMlpB24P8In22kIn1k, ResMlpS12Dino, ResMlpS24Dino,  //
             MixerB16In1k, MixerL16In1k, MixerB16In21k, MixerL16In21k, MixerB16MiilIn21k, MixerB16MiilIn21kIn1k, MixerB16TanhIn1k,
             MixerL16TanhIn1k, MixerB16TanhIn21k, MixerL16TanhIn21k,  //
             SpachMsXxsConvIn1k, SpachMsXxsMlpIn1k, SpachMsXxsAttnIn1k, SpachMsSConvIn1k, SpachMsSMlpIn1k, SpachMsSAttnIn1k,
             SpachMsSHybridIn1k,
             SpachMsSHybridPlusIn1k,  //
             ConvMlpSIn1k, ConvMlpMIn1k, ConvMlpLIn1k, ConvMlpSCifar10, ConvMlpMCifar10, ConvMlpLCifar10, ConvMlpSCifar100,
             ConvMlpMCifar100, ConvMlpLCifar100, ConvMlpSFlowers102, ConvMlpMFlowers102, ConvMlpLFlowers102,  //
             GMlpS16In1k, GMixer24In1k>;

}  // namespace tessera
