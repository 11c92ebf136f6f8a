// SPDX-License-Identifier: MIT
#pragma once

// How the images of published networks are prepared, where it is neither of the two that core/preprocessing.hpp has.

#include "tessera/core/preprocessing.hpp"

namespace tessera {

// Values from -1 to 1: timm's evaluation of Google's MLP-Mixers, of untrained Mixers and of gMLP.
inline constexpr Preprocessing mixer_preprocessing{.mean = {0.5F, 0.5F, 0.5F}, .deviation = {0.5F, 0.5F, 0.5F}};

// Values from -1 to 1 of the squashed image: Google's own evaluation of MLP-Mixer, which writes (value - 127.5) / 127.5.
inline constexpr Preprocessing mixer_flax_preprocessing{
    .crop = 1.0, .mean = {0.5F, 0.5F, 0.5F}, .deviation = {0.5F, 0.5F, 0.5F}, .fit = Fit::squash};

// Values from 0 to 1, bilinear: the MLP-Mixers trained by MIIL.
inline constexpr Preprocessing mixer_miil_preprocessing{
    .filter = Filter::bilinear, .mean = {0.0F, 0.0F, 0.0F}, .deviation = {1.0F, 1.0F, 1.0F}};

// Nothing cropped but the ends of the longer side, and each data set's own statistics: the networks trained on smaller data sets.
inline constexpr Preprocessing cifar10_preprocessing{
    .crop = 1.0, .mean = {0.4914F, 0.4822F, 0.4465F}, .deviation = {0.2470F, 0.2435F, 0.2616F}};
inline constexpr Preprocessing cifar100_preprocessing{
    .crop = 1.0, .mean = {0.5071F, 0.4867F, 0.4408F}, .deviation = {0.2675F, 0.2565F, 0.2761F}};
inline constexpr Preprocessing flowers102_preprocessing{
    .crop = 1.0, .mean = {0.4353F, 0.3773F, 0.2872F}, .deviation = {0.2966F, 0.2455F, 0.2698F}};

}  // namespace tessera
