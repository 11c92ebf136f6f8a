// SPDX-License-Identifier: MIT
//
// A small network of one's own, with Eigen alone: two units that include the same headers, one program.
#ifdef CONSUMER_MIN_MAX
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif

#include <cstdio>
#include <vector>

#include "tessera/engine/model.hpp"
#include "tessera/models/resmlp.hpp"
#include "tessera/version.hpp"

long long parameters_seen_by_the_other_translation_unit();

using Tiny = tessera::ResMlp<tessera::Shape{16, 16, 3}, 4, 8, 1, 10>;

int main() {
  static_assert(TESSERA_VERSION_MAJOR >= 1);
  tessera::Weights<Tiny> weights;
  std::vector<tessera::Buffer> numbers;
  for (const auto& [key, parameter] : weights.parameters()) {
    numbers.emplace_back(static_cast<std::size_t>(parameter->size()));
    for (long long i = 0; i < parameter->size(); ++i) numbers.back().data()[i] = 0.5F;
    parameter->bind(numbers.back().data());
  }
  const tessera::Model<Tiny> model(weights);
  const auto scores = model(tessera::Tensor<Tiny::input>());
  std::printf("Tessera %s: %zu scores, first %g\n", TESSERA_VERSION, scores.size(), static_cast<double>(scores[0]));
  return scores[0] == scores[9] && parameters_seen_by_the_other_translation_unit() == 15'350'872 ? 0 : 1;
}
