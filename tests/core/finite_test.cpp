// SPDX-License-Identifier: MIT
#include "tessera/core/finite.hpp"

#include <limits>

#include "../catch.hpp"

using tessera::detail::is_finite_bits;

TEST_CASE("Numbers are finite unless they are infinite or not numbers") {
  static_assert(is_finite_bits(0.0F) && is_finite_bits(-0.0F) && is_finite_bits(1.5F));
  static_assert(is_finite_bits(std::numeric_limits<float>::max()) && is_finite_bits(std::numeric_limits<float>::denorm_min()));
  static_assert(is_finite_bits(std::numeric_limits<double>::lowest()));
  static_assert(!is_finite_bits(std::numeric_limits<float>::infinity()) && !is_finite_bits(-std::numeric_limits<float>::infinity()));
  static_assert(!is_finite_bits(std::numeric_limits<double>::infinity()) && !is_finite_bits(std::numeric_limits<double>::quiet_NaN()));
  CHECK_FALSE(is_finite_bits(std::numeric_limits<float>::quiet_NaN()));
}
