// SPDX-License-Identifier: MIT
#pragma once

// Losses of a batch: the mean over its images, and the derivative by every score. With the scores z of an image, p = softmax(z) and its
// targets t, K classes,
//
//     cross_entropy          -Σ_k t[k]·log p[k]                                      t: probabilities
//     binary_cross_entropy   -1/K Σ_k (t[k]·log s[k] + (1 - t[k])·log(1 - s[k]))     s = 1 / (1 + exp(-z))
//     distillation, hard     ½·cross_entropy(t) + ½·cross_entropy(the class with the teacher's largest score)
//     distillation, soft     (1 - λ)·cross_entropy(t) + λ·τ²·KL(softmax(u/τ) ‖ softmax(z/τ))       u: the teacher's scores
//
// Soft targets: Szegedy et al. 2016, arXiv:1512.00567, section 7 (label smoothing); Zhang et al. 2018, arXiv:1710.09412 (mixup).
// Distillation: Touvron et al. 2021, DeiT, arXiv:2012.12877, eq. 2 (soft) and 3 (hard); Hinton et al. 2015, arXiv:1503.02531.
//
// scores, targets, teacher and slopes have images × classes numbers. All functions throw Error if their sizes do not fit.

#include <span>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera {

// The mean cross-entropy with targets that are probabilities.
double cross_entropy(std::span<const float> scores, std::span<const float> targets, int classes, std::span<float> slopes);
// The mean over images and classes of the cross-entropy of one class against the others. Targets are from 0 to 1.
double binary_cross_entropy(std::span<const float> scores, std::span<const float> targets, int classes, std::span<float> slopes);
// Half of the targets, half of the class that the teacher decides for.
double hard_distillation(std::span<const float> scores, std::span<const float> targets, std::span<const float> teacher, int classes,
                         std::span<float> slopes);

// How soft_distillation weighs the teacher.
struct SoftDistillation {
  double temperature = 3;  // τ
  double share = 0.1;      // λ, of the teacher
};
// The targets, and what the teacher makes of all classes.
double soft_distillation(std::span<const float> scores, std::span<const float> targets, std::span<const float> teacher, int classes,
                         std::span<float> slopes, const SoftDistillation& options = {});

// Targets for labels from 0: 1 - smoothing at the label, and smoothing / K added everywhere. Throws Error if a label is not below
// `classes`.
std::vector<float> smoothed_targets(std::span<const int> labels, int classes, double smoothing = 0.1);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/losses_inl.hpp"
#endif
