// SPDX-License-Identifier: MIT

#include "tessera/train/optimiser.hpp"

#include <cmath>

#include "networks.hpp"

using namespace tessera;
using namespace tessera::test;
using Catch::Matchers::Contains;

namespace {

// A matrix and a vector whose gradients are those of data/make_gradients.py.
struct Two {
  std::vector<float> matrix = std::vector<float>(24), vector = std::vector<float>(4), matrix_slope = matrix, vector_slope = vector;
  std::vector<TrainedParameter> parameters{{"matrix", {6, 4}, matrix, matrix_slope}, {"vector", {4}, vector, vector_slope}};

  Two() {
    fill("matrix", 1, -1, 1, matrix);
    fill("vector", 1, -1, 1, vector);
  }
  Two(const Two&) = delete;
  void set_gradients(int step) {
    fill("matrix." + std::to_string(step), 1, -1, 1, matrix_slope);
    fill("vector." + std::to_string(step), 1, -1, 1, vector_slope);
  }
};

void check_with_pytorch(const std::string& name, Method method, double tolerance) {
  CAPTURE(name);
  const Golden golden("updates");
  Two two;
  Optimiser optimiser(two.parameters, {.method = method, .weight_decay = 0.1});
  for (int step = 0; step < 5; ++step) {
    two.set_gradients(step);
    optimiser.step(0.01);
  }
  CHECK(relative_distance(two.matrix, golden[name + ".matrix"]) < tolerance);
  CHECK(relative_distance(two.vector, golden[name + ".vector"]) < 1e-6);
}

}  // namespace

TEST_CASE("optimisers move parameters as PyTorch's do") {
  check_with_pytorch("adamw", Method::adamw, 1e-6);
  check_with_pytorch("sgd", Method::sgd, 1e-6);
  check_with_pytorch("muon", Method::muon, 2e-3);  // PyTorch's iteration has bfloat16 numbers
}

TEST_CASE("LAMB moves a matrix by its length times the rate") {
  Two two;
  const std::vector<float> before = two.matrix, vector = two.vector;
  two.set_gradients(0);
  Optimiser optimiser(two.parameters, {.method = Method::lamb, .epsilon = 0, .weight_decay = 0.1});
  optimiser.step(0.01);
  double moved = 0, length = 0, cosine = 0, of_update = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    // In the first step m̂/√v̂ is the gradient's sign.
    const double u = (two.matrix_slope[i] > 0 ? 1 : -1) + 0.1 * static_cast<double>(before[i]);
    const double by = static_cast<double>(before[i]) - static_cast<double>(two.matrix[i]);
    moved += by * by, length += std::pow(static_cast<double>(before[i]), 2), cosine += by * u, of_update += u * u;
  }
  CHECK(std::abs(std::sqrt(moved / length) - 0.01) < 1e-5);
  CHECK(cosine / std::sqrt(moved * of_update) > 0.99999);
  for (std::size_t i = 0; i < vector.size(); ++i) CHECK(std::abs(std::abs(vector[i] - two.vector[i]) - 0.01F) < 1e-5F);
}

TEST_CASE("gradients are clipped as by PyTorch") {
  const Golden golden("updates");
  Two two;
  two.set_gradients(0);
  CHECK(std::abs(clip_gradients(two.parameters, 1) - static_cast<double>(golden["norm"][0])) < 1e-5);
  CHECK(relative_distance(two.matrix_slope, golden["clipped"]) < 1e-6);
  const auto clipped = two.matrix_slope;
  clip_gradients(two.parameters, 100);
  CHECK(two.matrix_slope == clipped);
}

TEST_CASE("a factor of zero keeps a parameter") {
  Two two;
  two.set_gradients(0);
  const auto before = two.matrix;
  Optimiser optimiser(two.parameters);
  optimiser.set_rate_factors(std::vector<double>{0, 1});
  optimiser.step(0.1);
  CHECK(two.matrix == before);
  CHECK_THROWS_WITH(optimiser.set_rate_factors(std::vector<double>{1}), Contains("found 1 factors, expected 2"));
}

TEST_CASE("layers nearer to the image learn more slowly") {
  Trainer<TinyResMlp> trainer(random_weights<TinyResMlp>());
  const auto factors = layer_rate_factors(trainer.parameters(), 0.5);
  std::map<std::string, double> by_key;
  for (std::size_t i = 0; i < factors.size(); ++i) by_key[trainer.parameters()[i].key] = factors[i];
  CHECK(by_key.at("head.weight") == 1);
  CHECK(by_key.at("norm.alpha") == 0.5);
  CHECK(by_key.at("blocks.1.mlp_channels.fc2.bias") == 0.25);
  CHECK(by_key.at("blocks.1.norm1.alpha") == 0.25);
  CHECK(by_key.at("blocks.0.norm1.alpha") == 0.125);
  CHECK(by_key.at("stem.proj.weight") == 0.0625);
}

TEST_CASE("the rate grows to its peak and falls to its end") {
  CHECK(warm_up_cosine(0, 100, 10, 2) == 0.2);
  CHECK(warm_up_cosine(9, 100, 10, 2) == 2);
  CHECK(warm_up_cosine(10, 100, 10, 2) == 2);
  CHECK(std::abs(warm_up_cosine(55, 100, 10, 2, 1) - 1.5) < 1e-12);
  CHECK(std::abs(warm_up_cosine(100, 100, 10, 2, 0.1) - 0.1) < 1e-12);
}

TEST_CASE("averages follow the weights and are exchanged with them") {
  Two two;
  const float first = two.matrix[0];
  WeightAverage average(two.parameters, 0.75);
  two.matrix[0] = first + 1;
  average.update();
  average.swap();
  CHECK(std::abs(two.matrix[0] - (first + 0.25F)) < 1e-6F);
  average.swap();
  CHECK(two.matrix[0] == first + 1);
}
