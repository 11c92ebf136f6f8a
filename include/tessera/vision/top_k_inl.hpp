// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tessera/core/error.hpp"
#include "tessera/core/finite.hpp"
#include "tessera/vision/top_k.hpp"

namespace tessera::detail {

TESSERA_COLD_INLINE void check_label_count(std::size_t scores, std::size_t labels) {
  if (scores == 0 || scores != labels)
    fail("top_k: found ", scores, " scores and ", labels, " labels, expected as many of each and at least one");
}

// Probabilities are these weights over their sum. Scores are finite, so that no weight is more than 1 and the sum is at least 1.
TESSERA_COLD_INLINE std::vector<double> softmax_of(std::span<const float> scores, std::string_view name) {
  if (scores.empty()) fail(name, ": found no scores, expected at least one");
  double highest = static_cast<double>(scores[0]);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!is_finite_bits(scores[i])) fail(name, ": score ", i, " is ", scores[i], ", expected a finite number");
    highest = std::max(highest, static_cast<double>(scores[i]));
  }
  std::vector<double> probabilities;
  probabilities.reserve(scores.size());
  double sum = 0.0;
  for (const float score : scores) {
    probabilities.push_back(std::exp(static_cast<double>(score) - highest));
    sum += probabilities.back();
  }
  for (double& probability : probabilities) probability /= sum;
  return probabilities;
}

TESSERA_COLD_INLINE std::vector<Prediction> top_k_of(std::span<const float> scores, int k) {
  if (k < 0) fail("top_k: found k = ", k, ", expected 0 or more");
  const std::vector<double> probabilities = softmax_of(scores, "top_k");
  std::vector<std::size_t> order(scores.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::size_t kept = std::min(static_cast<std::size_t>(k), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [scores](std::size_t a, std::size_t b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); });
  std::vector<Prediction> best;
  best.reserve(kept);
  for (std::size_t i = 0; i < kept; ++i) best.push_back({order[i], {}, probabilities[order[i]]});
  return best;
}

}  // namespace tessera::detail
