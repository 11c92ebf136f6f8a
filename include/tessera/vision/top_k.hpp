// SPDX-License-Identifier: MIT
#pragma once

// The most probable classes of a classifier's scores: p_i = exp(s_i - max s) / Σ_j exp(s_j - max s) over all scores, in double.

#include <concepts>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera {

// for (const auto& [label, probability] : top_k(...)), or by its members.
struct Prediction {
  std::size_t index;  // of the class, from 0
  std::string label;  // empty where top_k was given no labels
  // After softmax; the probabilities of all classes add up to 1.
  double probability;

  // What a structured binding gives: the label, then the probability.
  template <std::size_t I>
  const auto& get() const {
    if constexpr (I == 0)
      return label;
    else
      return probability;
  }

  friend bool operator==(const Prediction&, const Prediction&) = default;
};

// Scores are floats in a row, one for each class: a Tensor, a std::span, a std::vector, an Eigen tensor.
template <class T>
concept Scores = requires(const T& scores) {
  { scores.data() } -> std::convertible_to<const float*>;
  { scores.size() } -> std::convertible_to<std::size_t>;
};

// Labels are strings in a row: imagenet_labels(), or what read_labels returned.
template <class T>
concept Labels = requires(const T& labels, std::size_t i) {
  { std::size(labels) } -> std::convertible_to<std::size_t>;
  { labels[i] } -> std::convertible_to<std::string_view>;
};

namespace detail {

std::vector<Prediction> top_k_of(std::span<const float> scores, int k);
void check_label_count(std::size_t scores, std::size_t labels);
std::vector<double> softmax_of(std::span<const float> scores, std::string_view name);  // name: for errors

template <class T>
std::span<const float> score_span(const T& scores) {
  return {scores.data(), static_cast<std::size_t>(scores.size())};
}

}  // namespace detail

// The k most probable classes, the most probable first, at most as many as there are. Equal scores: the lower index first. Throws Error if
// there are no scores, if one of them is infinite or not a number (the message says which), or if k is negative.
std::vector<Prediction> top_k(const Scores auto& scores, int k) { return detail::top_k_of(detail::score_span(scores), k); }

// The same with labels. Throws Error as well unless there are as many labels as scores.
std::vector<Prediction> top_k(const Scores auto& scores, const Labels auto& labels, int k) {
  detail::check_label_count(static_cast<std::size_t>(scores.size()), static_cast<std::size_t>(std::size(labels)));
  std::vector<Prediction> best = top_k(scores, k);
  for (Prediction& prediction : best) prediction.label = std::string_view(labels[prediction.index]);
  return best;
}

// The probability of each class, in the order of the scores; they add up to 1. Throws Error as top_k does.
std::vector<double> softmax(const Scores auto& scores) { return detail::softmax_of(detail::score_span(scores), "softmax"); }

}  // namespace tessera

template <>
struct std::tuple_size<tessera::Prediction> : std::integral_constant<std::size_t, 2> {};
template <std::size_t I>
struct std::tuple_element<I, tessera::Prediction> {
  using type = decltype(std::declval<const tessera::Prediction&>().get<I>());
};

#ifndef TESSERA_COMPILED
#include "tessera/vision/top_k_inl.hpp"
#endif
