// SPDX-License-Identifier: MIT
#include "tessera/train/image_cache.hpp"

#include "../catch.hpp"
#include "../vision/fixtures.hpp"
#include "tessera/vision/preprocess.hpp"

using tessera::Image;
using tessera::ImageCache;

TEST_CASE("Pictures are kept up to the limit, the others decoded each time") {
  int decoded = 0;
  const auto decode = [&](std::size_t i) {
    ++decoded;
    return fixtures::pattern("noise", 10, 10 + static_cast<int>(i));
  };
  ImageCache cache(5, decode, {.bytes = 700});  // 300 + 330 bytes, and not 360 more
  for (int round = 0; round < 3; ++round)
    for (std::size_t i = 0; i < 5; ++i) CHECK(*cache[i] == fixtures::pattern("noise", 10, 10 + static_cast<int>(i)));
  CHECK(cache.bytes() == 630);
  CHECK(decoded == 2 + 3 * 3);
  CHECK_THROWS_WITH(cache[5], "ImageCache: found picture 5, expected less than 5");
}

TEST_CASE("Large pictures are made smaller once, small ones stay") {
  ImageCache cache(2, [](std::size_t i) { return fixtures::pattern("noise", i == 0 ? 90 : 20, i == 0 ? 60 : 25); }, {.shorter_side = 30});
  CHECK(*cache[0] == tessera::resize_shorter_side(fixtures::pattern("noise", 90, 60), 30, tessera::Filter::bicubic));
  CHECK(cache[1]->height() == 25);
  CHECK(cache.bytes() == (30 * 45 + 20 * 25) * 3);
}
