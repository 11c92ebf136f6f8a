// SPDX-License-Identifier: MIT
#pragma once

// Which algorithm a product takes: the one place that decides it, and all that a new processor needs.
//
//     Model<MixerB16>                                     the fast engine
//     Model<MixerB16, exact_engine>                       sums of products alone: neither Winograd's nor Strassen's algorithm
//     Model<MixerB16, Engine{.strassen_levels = 1}>       Strassen's algorithm, but not applied to its own products
//     Model<MixerB16, int8_engine>                        products of bytes
//
// Winograd's and Strassen's algorithms multiply less and round more. Root mean square errors of one layer, against plain sums:
//
//     Strassen, one level      about 2 times      (kernels/strassen/)
//     Strassen, two levels     about 4 times
//     Winograd F(4×4, 3×3)     1.8 times          (kernels/winograd.hpp)
//
// The tolerance of the published networks is 2e-5 · max(1, |output|) at every named output. The largest errors measured, as shares of it
// (EPYC with AVX-512, two levels where they are used):
//
//     Mixer-B/16 0.60    Mixer-H/14 0.73    SPACH-MLP-S+Shared 0.71    Mixer-L/16 0.58    Mixer-S/16 0.57    SPACH-S-Attn 0.52
//
// and with one level alone (AVX2) Mixer-H/14 0.69, SPACH-MLP-S+Shared 0.68, Mixer-L/16 0.59, Mixer-B/16 0.52.

#include <algorithm>

#include "tessera/core/precision.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/kernels/convolution.hpp"
#include "tessera/kernels/int8/dot.hpp"
#include "tessera/kernels/strassen/split.hpp"
#include "tessera/kernels/strassen/token.hpp"

namespace tessera {

// What a network is lowered for: a part of the type of every step of a model.
struct Engine {
  // The instruction set.
  Isa isa = native_isa;
  // How often Strassen's algorithm is applied to its own products, at most: 0 (never used), 1 or 2. Two levels pay on AMD's cores with
  // AVX-512 (Mixer-S and Mixer-B 4 %, others 1 to 2 %). On Intel's cores with AMX they lose.
  int strassen_levels = native_lanes == 16 && !has_amx<native_isa> ? 2 : 1;
  // Strassen's algorithm for channels is used from this number of channels on, and never for less than 128. Few channels gain on AMD's
  // cores; on Intel's with AMX products of less than 384 channels lose (SPACH-MS-MLP-XXS: 1.022 times as fast from 384 on as from 128 on).
  int strassen_from = has_amx<native_isa> ? 384 : 128;
  // Winograd's algorithm for 3×3 convolutions.
  bool winograd = true;
  // Strassen's algorithm only where it rounds least (detail::rounds_little). in_stack sets it.
  bool careful = false;
  Precision precision = Precision::float32;

  // Where kernels ask for the instruction set alone.
  constexpr operator Isa() const { return isa; }
};

// Not inline: they depend on the instruction set of the translation unit.
constexpr Engine fast_engine{}, exact_engine{.strassen_levels = 0, .winograd = false}, int8_engine{.precision = Precision::int8};

namespace detail {

// The usual engine of a precision.
template <Precision P>
constexpr Engine engine_of = P == Precision::int8 ? int8_engine : fast_engine;

enum class Algorithm { sums, strassen, strassen_twice, winograd, int8 };
// Levels of Strassen's algorithm.
constexpr int levels_of(Algorithm algorithm) {
  return algorithm == Algorithm::strassen_twice ? 2 : algorithm == Algorithm::strassen ? 1 : 0;
}

// The engine for the members of a stack of `count` equal blocks. Rounding errors add up from block to block: SPACH-MLP-S+Shared, 24 blocks
// of 512 channels with 1536 hidden ones, would reach 1.09 of the tolerance without this rule, and SPACH-MLP-S 0.61 instead of 0.37.
constexpr Engine in_stack(Engine engine, int count) {
  engine.careful = engine.careful || count >= 24;
  return engine;
}
// Which feed-forwards a careful engine gives to Strassen's algorithm. Products of maps and of tokens never take it there.
constexpr bool rounds_little(std::int64_t channels, std::int64_t hidden) { return channels < 512 || hidden >= 4 * channels; }

// Whether a product multiplies bytes: where the engine asks for it, the processor has an instruction for it, and sums have enough terms to
// pay for the quantisation.
template <Engine E>
constexpr bool takes_int8(std::int64_t inner, std::int64_t columns) {
  return E.precision == Precision::int8 && Int8Dot<E>::fast && std::min(inner, columns) >= 32;
}

// How many levels a product over channels may take: y = x · Wᵀ with `rows` rows of x, `inner` terms of each sum and `columns` columns of y.
// Additions are paid for by enough tiles of rows, enough terms and enough columns. Sums of more than 4096 terms would round too much.
template <Engine E>
constexpr int strassen_levels(std::int64_t rows, std::int64_t inner, std::int64_t columns) {
  constexpr int tile_rows = RegisterTile<E>::rows;
  const std::int64_t least = std::min(inner, columns);
  if (E.strassen_levels < 1 || inner > 4096 || least < std::max(E.strassen_from, 128)) return 0;
  if (E.strassen_levels > 1 && !E.careful && rows >= 24 * tile_rows && least >= 512 && Split<E, 2>::fits(inner, columns)) return 2;
  return rows >= 12 * tile_rows && Split<E, 1>::fits(inner, columns) ? 1 : 0;
}

// A product of all positions of a map with the weights of a layer. Two levels were not measured there.
template <Engine E>
constexpr Algorithm choose_map_product(std::int64_t positions, std::int64_t inner, std::int64_t columns) {
  if (takes_int8<E>(inner, columns)) return Algorithm::int8;
  return !E.careful && strassen_levels<E>(positions, inner, columns) > 0 ? Algorithm::strassen : Algorithm::sums;
}

// The two products of a feed-forward: W1 and W2.
struct FeedForwardAlgorithms {
  Algorithm first = Algorithm::sums, second = Algorithm::sums;
};
// By two levels go both products, over all positions at once, or none; by one level, each product over blocks of `block` positions. A
// gated feed-forward makes two halves of its hidden activation, which two levels cannot hand on.
template <Engine E>
constexpr FeedForwardAlgorithms choose_feed_forward(std::int64_t positions, std::int64_t block, std::int64_t channels, std::int64_t hidden,
                                                    bool gated) {
  if (E.careful && !rounds_little(channels, hidden)) return {};
  if (!gated && strassen_levels<E>(positions, channels, hidden) == 2 && strassen_levels<E>(positions, hidden, channels) == 2)
    return {Algorithm::strassen_twice, Algorithm::strassen_twice};
  const auto algorithm = [](int levels) { return levels > 0 ? Algorithm::strassen : Algorithm::sums; };
  return {algorithm(strassen_levels<E>(block, channels, hidden)), algorithm(strassen_levels<E>(block, hidden, channels))};
}

// A product over tokens, y = W · x with W of rows × inner and x of inner × channels. Below 196 tokens (14×14) the additions cost more.
template <Engine E>
constexpr Algorithm choose_token_product(std::int64_t rows, std::int64_t inner, std::int64_t channels) {
  if (takes_int8<E>(inner, rows)) return Algorithm::int8;
  return E.strassen_levels > 0 && !E.careful && std::min(rows, inner) >= 196 && TokenStrassen<E>::fits(rows, inner, channels)
             ? Algorithm::strassen
             : Algorithm::sums;
}

// A convolution. Winograd's algorithm needs a quarter of the multiplications, and additions for each channel that enough products must
// pay for. Weights of 7 bits are too coarse for convolutions beside feed-forwards: the error of ConvMLP-S's logits would grow from 1.9 to
// 2.3 %.
template <Engine E>
constexpr Algorithm choose_convolution(ConvolutionGeometry g, Shape in, Shape out) {
  if (E.winograd && g.kernel == 3 && g.stride == 1 && in.channels >= 16 && out.channels >= 16 && (!in.fixed() || out.positions() >= 16))
    return Algorithm::winograd;
  const bool int8 = takes_int8<E>(std::int64_t{g.kernel} * g.kernel * in.channels, out.channels) && Int8Dot<E>::most_weight == 127;
  return int8 ? Algorithm::int8 : Algorithm::sums;
}

}  // namespace detail
}  // namespace tessera
