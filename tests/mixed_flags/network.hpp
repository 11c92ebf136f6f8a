// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "random.hpp"
#include "tessera/models/resmlp.hpp"

using Net = tessera::ResMlp<tessera::Shape{16, 16, 3}, 4, 24, 2, 10>;

// Public objects made by one translation unit and used by the other.
tessera::Tensor<Net::input> plain_image();
std::vector<float> plain_scores(const tessera::Tensor<Net::input>& image);
tessera::Tensor<Net::input> native_image();
std::vector<float> native_scores(const tessera::Tensor<Net::input>& image);
