// SPDX-License-Identifier: MIT
#pragma once

// A classifier on the features of a network that stays as it is: multinomial logistic regression, learned batch by batch.
//
//     z = (x - μ) / σ        y = W·z + b        p = softmax(y)        loss = -Σ_k t_k·log p_k, t smoothed
//
// x: C features    W: K×C    μ, σ: mean and deviation of each feature in the training set. W and b are moved by AdamW (Loshchilov and
// Hutter 2019, arXiv:1711.05101, algorithm 2) with β = 0.9 and 0.999; only W decays. All sums run in a fixed order, so the same batches
// give the same bits.

#include <cstdint>
#include <span>
#include <vector>

#include "tessera/core/compiled.hpp"

namespace tessera {

struct LinearHeadOptions {
  double decay = 1e-4;     // weight decay of AdamW
  double smoothing = 0.1;  // targets become (1 - smoothing)·t + smoothing / K
};

class LinearHead {
 public:
  // The numbers that describe where training is.
  struct State {
    std::vector<float> weight, bias;                                        // K×C, K
    std::vector<float> weight_mean, weight_square, bias_mean, bias_square;  // of the gradients
    std::vector<float> mean, deviation;                                     // of the features
    std::int64_t steps = 0;                                                 // that were made
  };

  // Zeros: each class is as likely. Throws Error unless both are positive.
  LinearHead(int classes, int features, const LinearHeadOptions& options = {});

  int classes() const { return classes_; }
  // The number of features.
  int features() const { return features_; }
  // μ and σ of the rows of x, images × features. A feature that is always the same gets the deviation 1.
  void standardize(std::span<const float> x);
  // One step of AdamW on the mean loss of a batch: x has images × features values, targets images × classes. Returns the loss before it.
  double step(std::span<const float> x, std::span<const float> targets, double rate);
  // The scores of one image.
  std::vector<float> scores(std::span<const float> x) const;

  // W and b for features that are not standardised: W / σ and b - W·(μ / σ).
  struct Plain {
    std::vector<float> weight, bias;  // K×C, K
  };
  // The values as a checkpoint has them.
  Plain plain() const;

  // What is learnt, and what the optimiser keeps.
  State& state() { return state_; }
  const State& state() const { return state_; }

 private:
  int classes_, features_;
  LinearHeadOptions options_;
  State state_;
};

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/linear_head_inl.hpp"
#endif
