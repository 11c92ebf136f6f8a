// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

// The numbers that the products of a network multiply.

namespace tessera {

// With int8, weights and activations of large products are bytes (kernels/int8/), and all other work is done in float32.
enum class Precision { float32, int8 };

// "float32", "int8".
constexpr std::string_view name_of(Precision precision) { return precision == Precision::int8 ? "int8" : "float32"; }

}  // namespace tessera
