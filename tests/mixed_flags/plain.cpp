// SPDX-License-Identifier: MIT
#include "network.hpp"

tessera::Tensor<Net::input> plain_image() { return random_tensor<Net::input>(); }

std::vector<float> plain_scores(const tessera::Tensor<Net::input>& image) {
  const tessera::Model<Net> model(random_weights<Net>());
  const auto scores = model(image);
  return {scores.begin(), scores.end()};
}
