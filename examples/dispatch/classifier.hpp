// SPDX-License-Identifier: MIT
#pragma once

// What the units with different instruction sets offer to the rest of the program. It has no code, so that it is the same in all of them.

#include <filesystem>
#include <memory>
#include <vector>

#include "tessera/vision/image.hpp"

class Classifier {
 public:
  virtual ~Classifier();
  virtual std::vector<float> scores(const tessera::Image& image) const = 0;
};

std::unique_ptr<Classifier> make_classifier_baseline(const std::filesystem::path& weights);
std::unique_ptr<Classifier> make_classifier_avx2(const std::filesystem::path& weights);
