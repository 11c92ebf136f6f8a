// SPDX-License-Identifier: MIT
#pragma once

// Batches whose images are mixed in pairs, and their targets in the same shares.
//
//     Mixup     x_i ← λ·x_i + (1 - λ)·x_j                                         Zhang et al. 2018, arXiv:1710.09412
//     CutMix    a rectangle of area 1 - λ of x_i becomes that of x_j              Yun et al. 2019, arXiv:1905.04899
//     both      t_i ← λ·t_i + (1 - λ)·t_j,   λ ~ Beta(α, α),   j a permutation of i
//
// λ is drawn once a batch. After CutMix it is the share that was really kept: the rectangle is cut off at the rim, as in the authors' code.

#include <span>

#include "tessera/core/compiled.hpp"
#include "tessera/core/shape.hpp"
#include "tessera/train/draws.hpp"

namespace tessera {

struct Mixing {
  double mixup = 0, cutmix = 0;  // α; 0: never. Where both are positive, each is taken for half of the batches that are mixed.
  double probability = 1;        // that a batch is mixed
};

// Mixes images of `shape` (height × width × channels, channels last) one after another in memory, and as many rows of targets. Throws Error
// if the images are not whole, the targets do not divide among them, or an option makes no sense.
void mix(std::span<float> images, Shape shape, std::span<float> targets, const Mixing& options, Draws& draws);

}  // namespace tessera

#ifndef TESSERA_COMPILED
#include "tessera/train/mixing_inl.hpp"
#endif
