// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tessera/core/error.hpp"
#include "tessera/train/losses.hpp"

namespace tessera {

namespace detail {

// The number of images.
inline std::size_t check_loss(std::span<const float> scores, std::span<const float> targets, int classes, std::span<float> slopes) {
  if (classes < 1 || scores.empty() || scores.size() % static_cast<std::size_t>(classes) != 0)
    fail("loss: found ", scores.size(), " scores, expected a positive multiple of ", classes, " classes");
  for (const std::size_t size : {targets.size(), slopes.size()})
    if (size != scores.size()) fail("loss: found ", size, " targets or slopes, expected ", scores.size());
  return scores.size() / static_cast<std::size_t>(classes);
}

// log p of the softmax of z/τ.
inline void log_softmax(std::span<const float> z, double temperature, std::vector<double>& to) {
  const double largest = static_cast<double>(*std::max_element(z.begin(), z.end()));
  double sum = 0;
  for (const float score : z) sum += std::exp((static_cast<double>(score) - largest) / temperature);
  const double norm = std::log(sum);
  to.resize(z.size());
  for (std::size_t k = 0; k < z.size(); ++k) to[k] = (static_cast<double>(z[k]) - largest) / temperature - norm;
}

}  // namespace detail

TESSERA_INLINE double cross_entropy(std::span<const float> scores, std::span<const float> targets, int classes, std::span<float> slopes) {
  const std::size_t images = detail::check_loss(scores, targets, classes, slopes), n = static_cast<std::size_t>(classes);
  double loss = 0;
  std::vector<double> logarithm;
  for (std::size_t at = 0; at < scores.size(); at += n) {
    detail::log_softmax(scores.subspan(at, n), 1, logarithm);
    double all = 0;
    for (std::size_t k = 0; k < n; ++k) all += static_cast<double>(targets[at + k]);
    for (std::size_t k = 0; k < n; ++k) {
      const auto target = static_cast<double>(targets[at + k]);
      loss -= target * logarithm[k];
      slopes[at + k] = static_cast<float>((std::exp(logarithm[k]) * all - target) / static_cast<double>(images));
    }
  }
  return loss / static_cast<double>(images);
}

TESSERA_INLINE double binary_cross_entropy(std::span<const float> scores, std::span<const float> targets, int classes,
                                           std::span<float> slopes) {
  detail::check_loss(scores, targets, classes, slopes);
  const auto count = static_cast<double>(scores.size());
  double loss = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const auto z = static_cast<double>(scores[i]), t = static_cast<double>(targets[i]);
    loss += std::max(z, 0.0) - z * t + std::log1p(std::exp(-std::abs(z)));
    slopes[i] = static_cast<float>((1 / (1 + std::exp(-z)) - t) / count);
  }
  return loss / count;
}

TESSERA_INLINE double hard_distillation(std::span<const float> scores, std::span<const float> targets, std::span<const float> teacher,
                                        int classes, std::span<float> slopes) {
  detail::check_loss(scores, teacher, classes, slopes);
  detail::check_loss(scores, targets, classes, slopes);
  const auto n = static_cast<std::size_t>(classes);
  std::vector<float> both(scores.size());
  for (std::size_t at = 0; at < scores.size(); at += n) {
    const auto of_image = teacher.subspan(at, n);
    const auto best = static_cast<std::size_t>(std::max_element(of_image.begin(), of_image.end()) - of_image.begin());
    for (std::size_t k = 0; k < n; ++k) both[at + k] = 0.5F * targets[at + k] + (k == best ? 0.5F : 0.0F);
  }
  return cross_entropy(scores, both, classes, slopes);
}

TESSERA_INLINE double soft_distillation(std::span<const float> scores, std::span<const float> targets, std::span<const float> teacher,
                                        int classes, std::span<float> slopes, const SoftDistillation& options) {
  detail::check_loss(scores, teacher, classes, slopes);
  const double given = cross_entropy(scores, targets, classes, slopes), tau = options.temperature, share = options.share;
  const auto n = static_cast<std::size_t>(classes), images = scores.size() / n;
  double divergence = 0;
  std::vector<double> own, taught;
  for (std::size_t at = 0; at < scores.size(); at += n) {
    detail::log_softmax(scores.subspan(at, n), tau, own);
    detail::log_softmax(teacher.subspan(at, n), tau, taught);
    for (std::size_t k = 0; k < n; ++k) {
      const double p = std::exp(taught[k]);
      divergence += p * (taught[k] - own[k]);
      slopes[at + k] = static_cast<float>((1 - share) * static_cast<double>(slopes[at + k]) +
                                          share * tau * (std::exp(own[k]) - p) / static_cast<double>(images));
    }
  }
  return (1 - share) * given + share * tau * tau * divergence / static_cast<double>(images);
}

TESSERA_INLINE std::vector<float> smoothed_targets(std::span<const int> labels, int classes, double smoothing) {
  if (classes < 1) detail::fail("smoothed_targets: found ", classes, " classes, expected 1 or more");
  const auto n = static_cast<std::size_t>(classes);
  std::vector<float> targets(labels.size() * n, static_cast<float>(smoothing / classes));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0 || labels[i] >= classes) detail::fail("smoothed_targets: found label ", labels[i], ", expected 0 to ", classes - 1);
    targets[i * n + static_cast<std::size_t>(labels[i])] += static_cast<float>(1 - smoothing);
  }
  return targets;
}

}  // namespace tessera
