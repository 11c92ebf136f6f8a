// SPDX-License-Identifier: MIT
#include "tessera/vision/top_k.hpp"

#include <cmath>
#include <limits>

#include "../catch.hpp"
#include "fixtures.hpp"
#include "tessera/core/eigen_tensor.hpp"
#include "tessera/vision/labels.hpp"

using tessera::top_k;

namespace {
const std::vector<std::string> abc{"a", "b", "c"};
}

TEST_CASE("The best classes come first, with their probabilities") {
  const std::vector<float> scores{std::log(2.0F), std::log(5.0F), std::log(3.0F)};
  const auto best = top_k(scores, abc, 2);
  REQUIRE(best.size() == 2);
  CHECK(best[0].label == "b");
  CHECK(std::abs(best[0].probability - 0.5) < 1e-7);
  CHECK(best[1].label == "c");
  CHECK(std::abs(best[1].probability - 0.3) < 1e-7);
  for (const auto& p : best) CHECK(p.label == abc[p.index]);
  for (const auto& [label, probability] : best) CHECK((!label.empty() && probability > 0));
}

TEST_CASE("A prediction knows its class without labels") {
  const std::vector<float> scores{std::log(2.0F), std::log(5.0F), std::log(3.0F)};
  const auto best = top_k(scores, 2);
  REQUIRE(best.size() == 2);
  CHECK(best[0].index == 1);
  CHECK(best[0].label.empty());
  CHECK(best[1].index == 2);
  CHECK(best[1].probability == top_k(scores, abc, 2)[1].probability);
  CHECK_THROWS_AS(top_k(std::vector<float>{}, 1), tessera::Error);
}

TEST_CASE("Softmax gives the probabilities of all classes, which add up to 1") {
  const std::vector<float> scores{std::log(2.0F), std::log(5.0F), std::log(3.0F)};
  const std::vector<double> probabilities = tessera::softmax(scores);
  REQUIRE(probabilities.size() == 3);
  CHECK(std::abs(probabilities[0] - 0.2) < 1e-7);
  CHECK(probabilities[1] == top_k(scores, 1)[0].probability);
  CHECK(std::abs(probabilities[0] + probabilities[1] + probabilities[2] - 1.0) < 1e-15);
  CHECK(tessera::softmax(std::vector<float>{-1e38F, 1e38F}) == std::vector<double>{0.0, 1.0});
  CHECK(fixtures::error_of([] { tessera::softmax(std::vector<float>{}); }) == "softmax: found no scores, expected at least one");
}

TEST_CASE("Equal scores keep the order of the classes") {
  const std::vector<float> scores{1.0F, 2.0F, 2.0F};
  const auto best = top_k(scores, abc, 3);
  CHECK(best[0].label == "b");
  CHECK(best[1].label == "c");
  CHECK(best[2].label == "a");
  CHECK(best[0].probability == best[1].probability);
}

TEST_CASE("Large scores do not overflow") {
  const std::vector<float> scores{1e38F, 1e38F, -1e38F};
  const auto best = top_k(scores, abc, 3);
  CHECK(best[0].probability == 0.5);
  CHECK(best[2].probability == 0.0);
}

TEST_CASE("More classes than there are cannot be had") {
  const std::vector<float> scores{1.0F, 2.0F, 3.0F};
  CHECK(top_k(scores, abc, 100).size() == 3);
  CHECK(top_k(scores, abc, 0).empty());
  CHECK(fixtures::error_of([&] { top_k(scores, abc, -1); }) == "top_k: found k = -1, expected 0 or more");
}

TEST_CASE("As many labels as scores are expected") {
  const std::vector<float> two{1.0F, 2.0F};
  CHECK(fixtures::error_of([&] { top_k(two, abc, 1); }) == "top_k: found 2 scores and 3 labels, expected as many of each and at least one");
  CHECK_THROWS_AS(top_k(std::vector<float>{}, std::vector<std::string>{}, 1), tessera::Error);
}

TEST_CASE("A score that is not a number is named") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  CHECK(fixtures::error_of([&] { top_k(std::vector<float>{1.0F, nan, 2.0F}, abc, 1); }) ==
        "top_k: score 1 is nan, expected a finite number");
  CHECK_THROWS_AS(top_k(std::vector<float>{1.0F, 0.0F, infinity}, abc, 1), tessera::Error);
  CHECK_THROWS_AS(top_k(std::vector<float>{-infinity, 0.0F, 0.0F}, abc, 1), tessera::Error);
}

TEST_CASE("Scores may be a tensor, a span or an Eigen tensor, labels a table or what was read") {
  tessera::Tensor<tessera::Shape{1, 1, 10}> tensor;
  tensor[3] = 5.0F;
  const auto expected = top_k(tensor, tessera::cifar10_labels(), 2);
  CHECK(expected[0].label == "cat");
  CHECK(expected[1].label == "airplane");
  CHECK(top_k(std::span<const float>(tensor.data(), tensor.size()), tessera::cifar10_labels(), 2) == expected);
  CHECK(top_k(tensor.eigen(), tessera::cifar10_labels(), 2) == expected);
  Eigen::Tensor<float, 1> eigen(10);
  eigen.setZero();
  eigen(3) = 5.0F;
  CHECK(top_k(eigen, tessera::cifar10_labels(), 2) == expected);
  CHECK(top_k(tensor, std::vector<const char*>(10, "same"), 1)[0].label == "same");
}
