// SPDX-License-Identifier: MIT
#include "tessera/train/linear_head.hpp"

#include <cmath>
#include <vector>

#include "../catch.hpp"
#include "tessera/train/draws.hpp"

using tessera::LinearHead;

namespace {

constexpr std::size_t head_images = 60, head_features = 5, head_classes = 3;

// Clouds of points around another centre for each class, and one feature that says nothing.
struct Clouds {
  std::vector<float> x, targets;
  Clouds() : x(head_images * head_features), targets(head_images * head_classes) {
    tessera::Draws draws(1, tessera::DrawPurpose::user, 0, 0);
    for (std::size_t i = 0; i < head_images; ++i) {
      for (std::size_t f = 0; f < head_features; ++f)
        x[i * head_features + f] =
            static_cast<float>(f == 4 ? 7.0 : 100.0 * static_cast<double>(f) + draws.normal() * 5 + (f == i % 3 ? 20 : 0));
      targets[i * head_classes + i % 3] = 1;
    }
  }
  std::span<const float> image(std::size_t i) const { return std::span(x).subspan(i * head_features, head_features); }
};

double mean_loss(const LinearHead& head, const Clouds& set, double smoothing) {
  double loss = 0;
  for (std::size_t i = 0; i < head_images; ++i) {
    const std::vector<float> y = head.scores(set.image(i));
    double sum = 0;
    for (const float score : y) sum += std::exp(static_cast<double>(score));
    for (std::size_t k = 0; k < head_classes; ++k)
      loss -= ((1 - smoothing) * set.targets[i * head_classes + k] + smoothing / head_classes) * (y[k] - std::log(sum));
  }
  return loss / head_images;
}

}  // namespace

TEST_CASE("A head learns classes that a plane divides") {
  const Clouds set;
  LinearHead head(head_classes, head_features);
  head.standardize(set.x);
  const double first = head.step(set.x, set.targets, 0.05);
  CHECK(std::abs(first - std::log(3.0)) < 1e-6);
  double last = 0;
  for (int step = 0; step < 200; ++step) last = head.step(set.x, set.targets, 0.05);
  CHECK(last < 0.5);
  int right = 0;
  for (std::size_t i = 0; i < head_images; ++i) {
    const std::vector<float> y = head.scores(set.image(i));
    right += static_cast<std::size_t>(std::max_element(y.begin(), y.end()) - y.begin()) == i % 3;
  }
  CHECK(right >= 57);
}

TEST_CASE("The first step of AdamW moves each number by the rate against its gradient, which finite differences confirm") {
  const Clouds set;
  for (const double smoothing : {0.0, 0.2}) {
    LinearHead head(head_classes, head_features, {.decay = 0, .smoothing = smoothing});
    head.standardize(set.x);
    for (std::size_t i = 0; i < head.state().weight.size(); ++i) head.state().weight[i] = 0.1F * static_cast<float>(i % 4);
    LinearHead moved = head;
    const double loss = moved.step(set.x, set.targets, 0.01);
    CHECK(std::abs(loss - mean_loss(head, set, smoothing)) < 1e-6);
    for (std::size_t i = 0; i < head.state().weight.size(); ++i) {
      LinearHead above = head, below = head;
      above.state().weight[i] += 1e-2F;
      below.state().weight[i] -= 1e-2F;
      const double gradient = (mean_loss(above, set, smoothing) - mean_loss(below, set, smoothing)) / 2e-2;
      // The first mean of the gradients is a tenth of the gradient. The difference quotient is off by its square, and by float rounding.
      CHECK(std::abs(10.0 * moved.state().weight_mean[i] - gradient) < 1e-4);
      const double step = moved.state().weight[i] - head.state().weight[i];
      if (std::abs(gradient) > 1e-3) CHECK(std::abs(step + std::copysign(0.01, gradient)) < 1e-5);
    }
  }
}

TEST_CASE("Weight decay pulls weights towards zero and leaves the bias") {
  const std::vector<float> x{0, 0}, targets{0.5F, 0.5F};
  LinearHead head(2, 2, {.decay = 0.5, .smoothing = 0});
  head.state().weight = {1, -2, 1, -2};  // both classes are alike: no gradient
  head.state().bias = {3, 3};
  head.step(x, targets, 0.1);
  CHECK(std::abs(head.state().weight[0] - 0.95F) < 1e-6F);
  CHECK(std::abs(head.state().weight[1] + 1.9F) < 1e-6F);
  CHECK(head.state().bias[0] == 3);
}

TEST_CASE("The plain head gives the same scores on features as they are") {
  const Clouds set;
  LinearHead head(head_classes, head_features);
  head.standardize(set.x);
  for (int step = 0; step < 20; ++step) head.step(set.x, set.targets, 0.05);
  const LinearHead::Plain plain = head.plain();
  for (std::size_t i = 0; i < head_images; ++i) {
    const std::vector<float> y = head.scores(set.image(i));
    for (std::size_t k = 0; k < head_classes; ++k) {
      double sum = plain.bias[k];
      for (std::size_t f = 0; f < head_features; ++f) sum += static_cast<double>(plain.weight[k * head_features + f]) * set.image(i)[f];
      CHECK(std::abs(sum - y[k]) < 1e-4);
    }
  }
}

TEST_CASE("A head refuses what does not fit") {
  CHECK_THROWS_AS(LinearHead(0, 4), tessera::Error);
  LinearHead head(2, 3);
  const std::vector<float> four(4), six(6);
  CHECK_THROWS_AS(head.standardize(four), tessera::Error);
  CHECK_THROWS_AS(head.step(six, six, 0.1), tessera::Error);
  CHECK_THROWS_AS(head.scores(four), tessera::Error);
}
