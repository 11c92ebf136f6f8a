// SPDX-License-Identifier: MIT
//
// Networks with other classes and other images run like those that are written out.

#include "catch.hpp"
#include "random.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/models/spach.hpp"
#include "tessera/models/with_classes.hpp"
#include "tessera/models/with_image.hpp"

using namespace tessera;

TEST_CASE("A network with other classes is the same network") {
  using N = ResMlp<Shape{16, 16, 3}, 4, 8, 2, 10>;
  using Changed = WithClasses<N, 3>;
  CHECK(engine_error<Changed>() < float_tolerance);
  const auto x = random_tensor<N::input>();
  CHECK(Model<Changed>(random_weights<Changed>())(x) == Model<ResMlp<Shape{16, 16, 3}, 4, 8, 2, 3>>(random_weights<Changed::Changed>())(x));
}

TEST_CASE("A network for other images takes the same weights") {
  using N = Spach<Shape{32, 32, 3}, 4, 8, SpachOptions{.heads = 2}, 5, SpachPass<1>, SpachAttn<1>>;
  using Wide = WithImage<N, Shape{24, 40, 3}>;
  CHECK(engine_error<Wide>() < float_tolerance);
  const auto fixed = random_weights<N>();
  const auto wide = random_weights<Wide>();
  const auto of_fixed = fixed.parameters(), of_wide = wide.parameters();
  REQUIRE(of_fixed.size() == of_wide.size());
  for (std::size_t i = 0; i < of_fixed.size(); ++i) {
    CHECK(of_fixed[i].key == of_wide[i].key);
    CHECK(of_fixed[i].parameter->size() == of_wide[i].parameter->size());
  }
}
