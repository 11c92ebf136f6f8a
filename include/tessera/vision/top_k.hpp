// SPDX-License-Identifier: MIT
#pragma once

// The k most probable classes: p_i = exp(s_i - max s) / Σ_j exp(s_j - max s) over all scores, in double. Ties: lower index first.

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tessera/core/error.hpp"

namespace tessera {

// for (const auto& [label, probability] : top_k(...))
struct Prediction {
  std::string label;
  double probability;

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

// Scores are floats in a row, one a class: a Tensor, a std::span, an Eigen tensor, a std::vector.
template <class T>
concept Scores = requires(const T& scores) {
  { scores.data() } -> std::convertible_to<const float*>;
  { scores.size() } -> std::convertible_to<std::size_t>;
};

// Labels are strings in a row: imagenet_labels(), or what read_labels gave.
template <class T>
concept Labels = std::ranges::random_access_range<const T> && std::ranges::sized_range<const T> &&
                 std::convertible_to<std::ranges::range_reference_t<const T>, std::string_view>;

// At most as many as there are classes. Throws if there are not as many labels as scores, or if a score is not a number.
std::vector<Prediction> top_k(const Scores auto& scores, const Labels auto& labels, int k) {
  const std::span<const float> values(scores.data(), static_cast<std::size_t>(scores.size()));
  const auto label_count = static_cast<std::size_t>(std::ranges::size(labels));
  if (values.empty() || values.size() != label_count)
    detail::fail("top_k: found ", values.size(), " scores and ", label_count, " labels, expected as many of each and at least one");
  if (k < 0) detail::fail("top_k: found k = ", k, ", expected 0 or more");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) detail::fail("top_k: score ", i, " is ", values[i], ", expected a finite number");

  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::size_t kept = std::min(static_cast<std::size_t>(k), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                    [values](std::size_t a, std::size_t b) { return values[a] != values[b] ? values[a] > values[b] : a < b; });

  const double highest = *std::ranges::max_element(values);
  const auto weight = [highest](float score) { return std::exp(static_cast<double>(score) - highest); };
  const double sum = std::accumulate(values.begin(), values.end(), 0.0, [&](double so_far, float score) { return so_far + weight(score); });
  std::vector<Prediction> best;
  for (const std::size_t i : std::span(order).first(kept)) {
    const std::string_view label = std::ranges::begin(labels)[static_cast<std::ptrdiff_t>(i)];
    best.push_back({std::string(label), weight(values[i]) / sum});
  }
  return best;
}

}  // namespace tessera
