// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tessera/core/error.hpp"
#include "tessera/train/linear_head.hpp"

namespace tessera {

namespace detail {

// One step of AdamW for one list of numbers; `t` counts from 1.
TESSERA_INLINE void adamw_step(std::span<float> values, std::span<const double> gradient, std::span<float> mean, std::span<float> square,
                               std::int64_t t, double rate, double decay) {
  constexpr double keep_mean = 0.9, keep_square = 0.999, epsilon = 1e-8;
  const double correct_mean = 1 - std::pow(keep_mean, static_cast<double>(t)),
               correct_square = 1 - std::pow(keep_square, static_cast<double>(t));
  for (std::size_t i = 0; i < values.size(); ++i) {
    mean[i] = static_cast<float>(keep_mean * mean[i] + (1 - keep_mean) * gradient[i]);
    square[i] = static_cast<float>(keep_square * square[i] + (1 - keep_square) * gradient[i] * gradient[i]);
    const double step = mean[i] / correct_mean / (std::sqrt(square[i] / correct_square) + epsilon);
    values[i] = static_cast<float>(values[i] - rate * (step + decay * values[i]));
  }
}

}  // namespace detail

TESSERA_COLD_INLINE LinearHead::LinearHead(int classes, int features, const LinearHeadOptions& options)
    : classes_(classes), features_(features), options_(options) {
  if (classes < 1 || features < 1)
    detail::fail("LinearHead: found ", classes, " classes and ", features, " features, expected at least one of each");
  const auto k = static_cast<std::size_t>(classes), c = static_cast<std::size_t>(features);
  for (std::vector<float>* const list : {&state_.weight, &state_.weight_mean, &state_.weight_square}) list->assign(k * c, 0);
  for (std::vector<float>* const list : {&state_.bias, &state_.bias_mean, &state_.bias_square}) list->assign(k, 0);
  state_.mean.assign(c, 0);
  state_.deviation.assign(c, 1);
}

TESSERA_INLINE void LinearHead::standardize(std::span<const float> x) {
  const auto c = static_cast<std::size_t>(features_);
  if (x.empty() || x.size() % c != 0) detail::fail("LinearHead: found ", x.size(), " values, expected rows of ", features_);
  const std::size_t rows = x.size() / c;
  for (std::size_t f = 0; f < c; ++f) {
    double sum = 0, squares = 0;
    for (std::size_t row = 0; row < rows; ++row) sum += x[row * c + f];
    const double mean = sum / static_cast<double>(rows);
    for (std::size_t row = 0; row < rows; ++row) squares += (x[row * c + f] - mean) * (x[row * c + f] - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(rows));
    state_.mean[f] = static_cast<float>(mean);
    state_.deviation[f] = deviation > 1e-6 ? static_cast<float>(deviation) : 1.0F;
  }
}

TESSERA_INLINE std::vector<float> LinearHead::scores(std::span<const float> x) const {
  const auto k = static_cast<std::size_t>(classes_), c = static_cast<std::size_t>(features_);
  if (x.size() != c) detail::fail("LinearHead: found ", x.size(), " features, expected ", features_);
  std::vector<float> y(k);
  for (std::size_t row = 0; row < k; ++row) {
    double sum = state_.bias[row];
    for (std::size_t f = 0; f < c; ++f)
      sum += static_cast<double>(state_.weight[row * c + f]) * ((x[f] - state_.mean[f]) / state_.deviation[f]);
    y[row] = static_cast<float>(sum);
  }
  return y;
}

TESSERA_INLINE double LinearHead::step(std::span<const float> x, std::span<const float> targets, double rate) {
  const auto k = static_cast<std::size_t>(classes_), c = static_cast<std::size_t>(features_);
  const std::size_t images = x.size() / c;
  if (images == 0 || x.size() != images * c || targets.size() != images * k)
    detail::fail("LinearHead: found ", x.size(), " features and ", targets.size(), " targets, expected ", features_, " and ", classes_,
                 " for each image");
  std::vector<double> weight_gradient(k * c), bias_gradient(k), p(k);
  double loss = 0;
  for (std::size_t i = 0; i < images; ++i) {
    const std::span<const float> image = x.subspan(i * c, c);
    const std::vector<float> y = scores(image);
    const double most = *std::max_element(y.begin(), y.end());
    double sum = 0;
    for (std::size_t row = 0; row < k; ++row) sum += p[row] = std::exp(y[row] - most);
    for (std::size_t row = 0; row < k; ++row) {
      const double target = (1 - options_.smoothing) * targets[i * k + row] + options_.smoothing / classes_;
      loss -= target * (y[row] - most - std::log(sum));
      const double error = (p[row] / sum - target) / static_cast<double>(images);
      bias_gradient[row] += error;
      for (std::size_t f = 0; f < c; ++f) weight_gradient[row * c + f] += error * ((image[f] - state_.mean[f]) / state_.deviation[f]);
    }
  }
  ++state_.steps;
  detail::adamw_step(state_.weight, weight_gradient, state_.weight_mean, state_.weight_square, state_.steps, rate, options_.decay);
  detail::adamw_step(state_.bias, bias_gradient, state_.bias_mean, state_.bias_square, state_.steps, rate, 0);
  return loss / static_cast<double>(images);
}

TESSERA_INLINE LinearHead::Plain LinearHead::plain() const {
  const auto c = static_cast<std::size_t>(features_);
  Plain out{state_.weight, state_.bias};
  for (std::size_t row = 0; row < state_.bias.size(); ++row) {
    double offset = state_.bias[row];
    for (std::size_t f = 0; f < c; ++f) {
      offset -= static_cast<double>(state_.weight[row * c + f]) * state_.mean[f] / state_.deviation[f];
      out.weight[row * c + f] = state_.weight[row * c + f] / state_.deviation[f];
    }
    out.bias[row] = static_cast<float>(offset);
  }
  return out;
}

}  // namespace tessera
