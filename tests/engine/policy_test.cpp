// SPDX-License-Identifier: MIT
//
// Which algorithm a product takes (engine/policy.hpp): sizes on both sides of every bound, and what the options change.

#include "tessera/engine/policy.hpp"
#include "catch.hpp"

using namespace tessera;
using namespace tessera::detail;

namespace {

constexpr bool has_simd = native_lanes > 1;
constexpr Engine one{.strassen_levels = 1, .strassen_from = 128}, two{.strassen_levels = 2, .strassen_from = 128};
constexpr int tile_rows = RegisterTile<native_isa>::rows;
constexpr Algorithm strassen = has_simd ? Algorithm::strassen : Algorithm::sums;
constexpr Algorithm strassen_twice = has_simd ? Algorithm::strassen_twice : Algorithm::sums;

template <Engine E>
constexpr Algorithm first_product(std::int64_t positions, std::int64_t channels, std::int64_t hidden, bool gated = false) {
  const FeedForwardAlgorithms chosen = choose_feed_forward<E>(positions, positions, channels, hidden, gated);
  return chosen.first;
}

}  // namespace

TEST_CASE("Strassen's algorithm takes large products over channels") {
  constexpr int level = has_simd ? 1 : 0;
  CHECK(strassen_levels<one>(196, 384, 1536) == level);
  CHECK(strassen_levels<one>(196, 4096, 1024) == level);
  CHECK(strassen_levels<one>(12 * tile_rows, 256, 512) == level);
  CHECK(strassen_levels<one>(784, 128, 384) == level);
  CHECK(strassen_levels<one>(12 * tile_rows - 1, 256, 512) == 0);
  CHECK(strassen_levels<one>(196, 64, 1024) == 0);
  CHECK(strassen_levels<one>(196, 5120, 1280) == 0);
  CHECK(strassen_levels<exact_engine>(196, 384, 1536) == 0);
  CHECK(strassen_levels<Engine{.strassen_from = 512}>(196, 384, 1536) == 0);
}

TEST_CASE("Two levels take the largest of them") {
  constexpr int levels = has_simd ? 2 : 0;
  CHECK(strassen_levels<two>(28 * tile_rows, 768, 3072) == levels);
  CHECK(strassen_levels<two>(28 * tile_rows, 3072, 768) == levels);
  CHECK(strassen_levels<two>(28 * tile_rows, 384, 1536) == levels / 2);
  CHECK(strassen_levels<two>(23 * tile_rows, 768, 3072) == levels / 2);
  CHECK(strassen_levels<two>(28 * tile_rows, 5120, 1280) == 0);
  CHECK(first_product<two>(28 * tile_rows, 768, 3072) == strassen_twice);
  CHECK(first_product<two>(28 * tile_rows, 768, 3072, true) == strassen);
  CHECK(first_product<one>(28 * tile_rows, 768, 3072) == strassen);
  CHECK(first_product<exact_engine>(28 * tile_rows, 768, 3072) == Algorithm::sums);
}

TEST_CASE("In a stack of 24 blocks and more only what rounds little takes Strassen's algorithm") {
  STATIC_REQUIRE(!in_stack(two, 23).careful);
  STATIC_REQUIRE(in_stack(two, 24).careful);
  STATIC_REQUIRE(in_stack(in_stack(two, 24), 2).careful);
  constexpr Engine careful = in_stack(two, 24);
  CHECK(first_product<careful>(28 * tile_rows, 512, 1536) == Algorithm::sums);
  CHECK(first_product<careful>(28 * tile_rows, 512, 2048) == strassen);
  CHECK(first_product<careful>(28 * tile_rows, 384, 768) == strassen);
  CHECK(choose_map_product<careful>(784, 384, 384) == Algorithm::sums);
  CHECK(choose_map_product<two>(784, 384, 384) == strassen);
  CHECK(choose_token_product<careful>(196, 196, 384) == Algorithm::sums);
}

TEST_CASE("Strassen's algorithm over tokens takes many tokens of many channels") {
  constexpr int pair = 2 * panel_width<native_isa>;
  CHECK(choose_token_product<one>(196, 196, 384) == strassen);
  CHECK(choose_token_product<one>(392, 784, 128) == strassen);
  CHECK(choose_token_product<one>(98, 196, 256) == Algorithm::sums);
  CHECK(choose_token_product<one>(197, 197, 384) == Algorithm::sums);
  CHECK(choose_token_product<one>(196, 384, pair + 1) == Algorithm::sums);
  CHECK(choose_token_product<exact_engine>(196, 196, 384) == Algorithm::sums);
}

TEST_CASE("Winograd's algorithm takes 3x3 convolutions with stride 1 of enough channels and positions") {
  constexpr Shape map{56, 56, 64};
  CHECK(choose_convolution<one>({3, 1, 1}, map, map) == Algorithm::winograd);
  CHECK(choose_convolution<one>({3, 2, 1}, map, {28, 28, 64}) == Algorithm::sums);
  CHECK(choose_convolution<one>({5, 1, 2}, map, map) == Algorithm::sums);
  CHECK(choose_convolution<one>({3, 1, 1}, {56, 56, 3}, map) == Algorithm::sums);
  CHECK(choose_convolution<one>({3, 1, 1}, {3, 5, 64}, {3, 5, 64}) == Algorithm::sums);
  CHECK(choose_convolution<exact_engine>({3, 1, 1}, map, map) == Algorithm::sums);
  CHECK(choose_convolution<Engine{.winograd = false}>({3, 1, 1}, map, map) == Algorithm::sums);
}

TEST_CASE("Products of bytes are taken by an engine that asks for them, on a processor that has them, for sums that are long enough") {
  constexpr bool has_bytes = Int8Dot<native_isa>::fast;
  constexpr Algorithm int8 = has_bytes ? Algorithm::int8 : Algorithm::sums;
  constexpr Engine bytes{.strassen_levels = 0, .precision = Precision::int8};
  CHECK(choose_map_product<bytes>(784, 384, 384) == int8);
  CHECK(choose_map_product<bytes>(784, 31, 384) == Algorithm::sums);
  CHECK(choose_map_product<exact_engine>(784, 384, 384) == Algorithm::sums);
  CHECK(choose_token_product<bytes>(196, 196, 384) == int8);
  CHECK(choose_token_product<bytes>(196, 16, 384) == Algorithm::sums);
  CHECK(takes_int8<bytes>(96, 288) == has_bytes);
  constexpr bool eight_bits = has_bytes && Int8Dot<native_isa>::most_weight == 127;
  CHECK(choose_convolution<bytes>({3, 2, 1}, {56, 56, 64}, {28, 28, 128}) == (eight_bits ? Algorithm::int8 : Algorithm::sums));
  CHECK(choose_convolution<bytes>({3, 1, 1}, {56, 56, 64}, {56, 56, 64}) == Algorithm::winograd);
  CHECK(!takes_int8<two>(96, 288));
}
