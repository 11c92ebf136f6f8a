// SPDX-License-Identifier: MIT
#include "tessera/vision/planar.hpp"

#include <numeric>

#include "../catch.hpp"
#include "fixtures.hpp"

using tessera::Shape;

namespace {

struct Net {
  static constexpr Shape input{2, 3, 4};
};

std::vector<float> counted(std::size_t size) {
  std::vector<float> values(size);
  std::iota(values.begin(), values.end(), 0.0F);
  return values;
}

}  // namespace

TEST_CASE("Values that lie channel after channel become a tensor with its channels last") {
  const auto tensor = tessera::from_planar<Shape{2, 3, 4}>(counted(24));
  for (int y = 0; y < 2; ++y)
    for (int x = 0; x < 3; ++x)
      for (int c = 0; c < 4; ++c) CHECK(tensor[static_cast<std::size_t>((y * 3 + x) * 4 + c)] == static_cast<float>((c * 2 + y) * 3 + x));
  CHECK(tessera::from_planar<Net>(counted(24)) == tensor);
  const auto any = tessera::from_planar(counted(24), Shape{2, 3, 4});
  CHECK(any.shape() == Shape{2, 3, 4});
  CHECK(std::equal(any.begin(), any.end(), tensor.begin(), tensor.end()));
}

TEST_CASE("Several planar images become a batch") {
  const auto batch = tessera::batch_from_planar<Net>(counted(48), 2);
  const std::vector<float> both = counted(48);
  const auto second = tessera::from_planar<Net>(std::span(both).subspan(24));
  CHECK(batch.count() == 2);
  CHECK(std::equal(second.begin(), second.end(), batch[1].data()));
}

TEST_CASE("Planar values of another number than the shape has are refused") {
  CHECK(fixtures::error_of([] { tessera::from_planar<Net>(counted(23)); }) ==
        "from_planar: found 23 values, expected 24 for 1 of shape 2×3×4");
  CHECK_THROWS_AS(tessera::from_planar(counted(4), Shape{2, -3, 4}), tessera::Error);
  CHECK_THROWS_AS(tessera::batch_from_planar<Net>(counted(24), 2), tessera::Error);
  CHECK_THROWS_AS(tessera::batch_from_planar<Net>(counted(24), -1), tessera::Error);
}
