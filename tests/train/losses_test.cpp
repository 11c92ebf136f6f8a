// SPDX-License-Identifier: MIT

#include "tessera/train/losses.hpp"

#include "networks.hpp"

using namespace tessera;
using namespace tessera::test;
using Catch::Matchers::Contains;

TEST_CASE("losses and their slopes are PyTorch's") {
  const Golden golden("updates");
  std::vector<float> scores(12), teacher(12), targets(12), slopes(12);
  fill("scores", 1, -3, 3, scores);
  fill("teacher", 1, -3, 3, teacher);
  fill("targets", 1, 0, 0.5F, targets);
  const auto check = [&](const std::string& name, double loss) {
    CAPTURE(name);
    CHECK(std::abs(loss - static_cast<double>(golden[name + ".loss"][0])) < 1e-6);
    CHECK(relative_distance(slopes, golden[name + ".slopes"]) < 1e-6);
  };
  check("cross_entropy", cross_entropy(scores, targets, 4, slopes));
  check("binary_cross_entropy", binary_cross_entropy(scores, targets, 4, slopes));
  check("hard_distillation", hard_distillation(scores, targets, teacher, 4, slopes));
  check("soft_distillation", soft_distillation(scores, targets, teacher, 4, slopes, {.temperature = 3, .share = 0.25}));
}

TEST_CASE("smoothed targets are probabilities") {
  const std::vector<int> labels{2, 0};
  const std::vector<float> targets = smoothed_targets(labels, 4, 0.1);
  const std::vector<float> expected{0.025F, 0.025F, 0.925F, 0.025F, 0.925F, 0.025F, 0.025F, 0.025F};
  CHECK(relative_distance(targets, expected) < 1e-6);
  CHECK_THROWS_WITH(smoothed_targets(labels, 2), Contains("found label 2, expected 0 to 1"));
}

TEST_CASE("losses refuse numbers that do not fit") {
  std::vector<float> four(4), six(6);
  CHECK_THROWS_WITH(cross_entropy(four, six, 2, four), Contains("found 6 targets or slopes, expected 4"));
  CHECK_THROWS_WITH(binary_cross_entropy(four, four, 3, four), Contains("found 4 scores"));
  CHECK_THROWS_WITH(hard_distillation(four, four, six, 2, four), Contains("found 6 targets or slopes, expected 4"));
}
