// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tessera/core/eigen.hpp"
#include "tessera/core/error.hpp"
#include "tessera/train/optimiser.hpp"

namespace tessera {

namespace detail {

inline double squared_length(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

// X ← aX + (bXXᵀ + c(XXᵀ)²)X, five times, from X of length 1: singular values come near 1.
inline Eigen::MatrixXf nearly_orthogonal(Eigen::MatrixXf x) {
  const bool tall = x.rows() > x.cols();
  if (tall) x.transposeInPlace();
  x /= std::max(x.norm(), 1e-7F);
  for (int i = 0; i < 5; ++i) {
    const Eigen::MatrixXf gram = x * x.transpose();
    const Eigen::MatrixXf update = -4.7750F * gram + 2.0315F * (gram * gram);
    x = (3.4445F * x + update * x).eval();
  }
  if (tall) x.transposeInPlace();
  return x;
}

}  // namespace detail

TESSERA_INLINE Optimiser::Optimiser(std::span<const TrainedParameter> parameters, const OptimiserOptions& options) : options_(options) {
  for (const TrainedParameter& p : parameters) {
    const bool within = p.extents.size() == 2 && !p.key.starts_with("head.");
    const Method method = options.method == Method::muon && !within ? Method::adamw : options.method;
    Moments moments{p, method, std::vector<float>(p.gradient.size()), {}};
    if (method == Method::adamw || method == Method::lamb) moments.second.resize(p.gradient.size());
    all_.push_back(std::move(moments));
  }
}

TESSERA_INLINE void Optimiser::set_rate_factors(std::span<const double> factors) {
  if (factors.size() != all_.size()) detail::fail("Optimiser: found ", factors.size(), " factors, expected ", all_.size());
  for (std::size_t i = 0; i < factors.size(); ++i) all_[i].factor = factors[i];
}

TESSERA_INLINE void Optimiser::step(double rate, double muon_rate) {
  ++steps_;
  for (Moments& moments : all_) {
    if (!moments.parameter.learnable() || moments.factor == 0) continue;
    if (moments.method == Method::muon) {
      move_by_muon(moments, muon_rate * moments.factor);
    } else {
      move(moments, rate * moments.factor);
    }
  }
}

TESSERA_INLINE void Optimiser::move(Moments& moments, double rate) const {
  const std::span<float> values = moments.parameter.values, gradient = moments.parameter.gradient;
  const auto decay = static_cast<float>(moments.parameter.is_matrix() ? options_.weight_decay : 0), eta = static_cast<float>(rate);
  float* const m = moments.first.data();
  if (moments.method == Method::sgd) {
    const auto momentum = static_cast<float>(options_.momentum);
    for (std::size_t i = 0; i < values.size(); ++i) {
      m[i] = momentum * m[i] + gradient[i] + decay * values[i];
      values[i] -= eta * m[i];
    }
    return;
  }
  const auto beta1 = static_cast<float>(options_.beta1), beta2 = static_cast<float>(options_.beta2);
  const auto one_minus_beta1 = static_cast<float>(1 - options_.beta1), one_minus_beta2 = static_cast<float>(1 - options_.beta2);
  const auto t = static_cast<double>(steps_);
  const auto scale1 = static_cast<float>(1 / (1 - std::pow(options_.beta1, t)));
  const auto scale2 = static_cast<float>(1 / std::sqrt(1 - std::pow(options_.beta2, t)));
  const auto epsilon = static_cast<float>(options_.epsilon);
  float* const v = moments.second.data();
  const bool lamb = moments.method == Method::lamb;
  std::vector<float> update(lamb ? values.size() : 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    m[i] = beta1 * m[i] + one_minus_beta1 * gradient[i];
    v[i] = beta2 * v[i] + one_minus_beta2 * gradient[i] * gradient[i];
    const float u = scale1 * m[i] / (scale2 * std::sqrt(v[i]) + epsilon);
    if (lamb) {
      update[i] = u + decay * values[i];
    } else {
      values[i] -= eta * (decay * values[i] + u);
    }
  }
  if (!lamb) return;
  const double length = std::sqrt(detail::squared_length(values)), of_update = std::sqrt(detail::squared_length(update));
  const auto trusted = static_cast<float>(decay == 0.0F || length == 0 || of_update == 0 ? rate : rate * length / of_update);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= trusted * update[i];
}

TESSERA_INLINE void Optimiser::move_by_muon(Moments& moments, double rate) const {
  using Matrix = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
  const Eigen::Index rows = moments.parameter.extents[0], columns = moments.parameter.extents[1];
  const auto momentum = static_cast<float>(options_.muon_momentum);
  Matrix values(moments.parameter.values.data(), rows, columns), gradient(moments.parameter.gradient.data(), rows, columns),
      m(moments.first.data(), rows, columns);
  m += (1 - momentum) * (gradient - m);
  const Eigen::MatrixXf direction = detail::nearly_orthogonal(gradient + momentum * (m - gradient));
  const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(rows, columns)));
  values *= static_cast<float>(1 - rate * options_.weight_decay);
  values -= static_cast<float>(rate * scale) * direction;
}

TESSERA_INLINE std::vector<std::pair<std::string, std::span<float>>> Optimiser::state() {
  std::vector<std::pair<std::string, std::span<float>>> state;
  for (Moments& moments : all_) {
    if (!moments.first.empty()) state.emplace_back("first." + moments.parameter.key, moments.first);
    if (!moments.second.empty()) state.emplace_back("second." + moments.parameter.key, moments.second);
  }
  return state;
}

TESSERA_INLINE double clip_gradients(std::span<const TrainedParameter> parameters, double most) {
  double sum = 0;
  for (const TrainedParameter& p : parameters) sum += detail::squared_length(p.gradient);
  const double norm = std::sqrt(sum);
  const auto scale = static_cast<float>(std::min(1.0, most / (norm + 1e-6)));
  if (scale < 1)
    for (const TrainedParameter& p : parameters)
      for (float& slope : p.gradient) slope *= scale;
  return norm;
}

TESSERA_INLINE std::vector<double> layer_rate_factors(std::span<const TrainedParameter> parameters, double decay) {
  std::vector<int> layers;
  std::string before;
  for (const TrainedParameter& p : parameters) {
    // Up to the first number in the name, or the first segment where there is none.
    const auto digit = p.key.find_first_of("0123456789", p.key.find('.') + 1);
    const bool numbered = digit != std::string::npos && digit > 0 && p.key[digit - 1] == '.';
    const std::string layer = p.key.substr(0, p.key.find('.', numbered ? digit : 0));
    layers.push_back(layers.empty() ? 0 : layers.back() + (layer == before ? 0 : 1));
    before = layer;
  }
  std::vector<double> factors;
  for (const int layer : layers) factors.push_back(std::pow(decay, layers.back() - layer));
  return factors;
}

TESSERA_INLINE double warm_up_cosine(std::int64_t step, std::int64_t steps, std::int64_t warm_up, double peak, double last) {
  if (step < warm_up) return peak * static_cast<double>(step + 1) / static_cast<double>(warm_up);
  const double way = std::min(1.0, static_cast<double>(step - warm_up) / static_cast<double>(std::max<std::int64_t>(1, steps - warm_up)));
  return last + (peak - last) * 0.5 * (1 + std::cos(std::numbers::pi * way));
}

TESSERA_INLINE WeightAverage::WeightAverage(std::span<const TrainedParameter> parameters, double decay)
    : parameters_(parameters.begin(), parameters.end()), decay_(decay) {
  for (const TrainedParameter& p : parameters_) averages_.emplace_back(p.values.begin(), p.values.end());
}

TESSERA_INLINE void WeightAverage::update() {
  const auto share = static_cast<float>(1 - decay_);
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    for (std::size_t j = 0; j < averages_[i].size(); ++j) averages_[i][j] += share * (parameters_[i].values[j] - averages_[i][j]);
}

TESSERA_INLINE void WeightAverage::swap() {
  for (std::size_t i = 0; i < parameters_.size(); ++i)
    std::swap_ranges(averages_[i].begin(), averages_[i].end(), parameters_[i].values.begin());
}

TESSERA_INLINE std::vector<std::pair<std::string, std::span<float>>> WeightAverage::state() {
  std::vector<std::pair<std::string, std::span<float>>> state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) state.emplace_back("average." + parameters_[i].key, averages_[i]);
  return state;
}

}  // namespace tessera
