// SPDX-License-Identifier: MIT
//
// Engine against reference for the other patterns of SPACH, on shapes that do not fit the register tiles.

#include "engine/check_rule.hpp"
#include "tessera/models/spach.hpp"

using namespace tessera;

TEST_CASE("GroupNorm equals the reference") {
  check<Shape{4, 4, 24}, Named<"norm", GroupNorm<>>>();
  check<Shape{28, 28, 33}, Named<"norm", GroupNorm<>>>();
  check<Shape{1, 1, 5}, Named<"norm", GroupNorm<1, 1e-3>>>();
  check<Shape{7, 7, 24}, Named<"norm", GroupNorm<4>>>();
  check<Shape{14, 14, 96}, Named<"norm", GroupNorm<32>>>();
  check<Shape{5, 9, 35}, Named<"norm", GroupNorm<5>>>();
  check<Shape{6, 5, 14}, Named<"norm", GroupNorm<14, 1e-3>>>();
}

TEST_CASE("Shared spatial functions equal the reference, and are packed once") {
  using Own = Repeat<5, Normed<AcrossTokens<FeedForward<6>>, LayerScale>>;
  using One = Repeat<5, Normed<Shared<AcrossTokens<FeedForward<6>>>, LayerScale>>;
  check<Shape{3, 4, 10}, Own>();
  check<Shape{3, 4, 10}, One>();
  check<Shape{3, 4, 12}, Repeat<3, SpatialBlock<Named<"f", Shared<Attention<2>>>, LayerScale>>>();
  check<Shape{3, 4, 12}, Repeat<3, Sequential<SpatialBlock<Named<"f", Shared<AcrossTokens<FeedForward<5>>>>>, Normed<FeedForward<9>>>>>();
  check<Shape{3, 4, 12}, Repeat<3, Residual<Affine, Shared<Linear<>>>>>();
}

// Strassen's algorithm needs more memory than a plain product.
template <int Count, int Hidden>
constexpr bool uses_strassen() {
  using Blocks = Network<Shape{14, 14, 512}, Repeat<Count, Normed<FeedForward<Hidden>>>>;
  return Model<Blocks>::scratch_bytes() > Model<Blocks, exact_engine>::scratch_bytes();
}

TEST_CASE("Narrow feed-forwards of a deep stack of blocks are plain products") {
  constexpr bool has_packets = native_lanes > 1;
  STATIC_REQUIRE(uses_strassen<23, 1536>() == has_packets);
  STATIC_REQUIRE(!uses_strassen<24, 1536>());
  STATIC_REQUIRE(uses_strassen<24, 2048>() == has_packets);
}

TEST_CASE("Small SPACH networks equal the reference") {
  constexpr SpachOptions three{.heads = 3, .channel_ratio = 2.5};
  REQUIRE(engine_error<Spach<Shape{40, 40, 3}, 8, 24, three, 10, SpachMlp<2>, SpachPass<1>, SpachAttn<2>>>() <= float_tolerance);
  constexpr SpachOptions bare{.heads = 3, .scaled = false, .cpe = false, .qkv_bias = Bias::none};
  REQUIRE(engine_error<Spach<Shape{32, 32, 3}, 8, 24, bare, 10, SpachPass<1>, SpachMlp<1>, SpachAttn<1>>>() <= float_tolerance);
  constexpr SpachOptions deep{.heads = 1, .stem = SpachStem::conv4, .shared_spatial_func = true};
  REQUIRE(engine_error<SpachMs<Shape{64, 64, 3}, 4, 12, deep, 10, SpachStage<SpachPass<1>>, SpachStage<SpachMlp<2>>,
                               SpachStage<SpachAttn<2>>, SpachStage<SpachMlp<1>>>>() <= float_tolerance);
}
