// SPDX-License-Identifier: MIT
#include "tessera/any/save_with_head.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "catch.hpp"
#include "temporary_folder.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/load_any.hpp"

TEST_CASE("A checkpoint with another head has the body's features and the new head's scores") {
  using namespace tessera;
  const std::string path = std::string(TESSERA_MODELS) + "/resmlp_cifar10.safetensors";
  const auto file = read_tensors(path);
  const auto model = load_any<ResMlpCifar10, MixerCifar10>(file);
  std::vector<float> weight(3 * 96), bias{0.5F, -1, 2};
  for (std::size_t i = 0; i < weight.size(); ++i) weight[i] = std::sin(static_cast<float>(i));

  const test::TemporaryFolder folder;
  const auto out = folder / "three.safetensors";
  save_with_head(*model, file, {weight, bias}, out.string(), {{"labels", R"(["a", "b", "c"])"}});
  const auto three = load_any<ResMlpCifar10, MixerCifar10>(out.string());
  CHECK(three->name() == "resmlp_cifar10");
  CHECK(three->labels() == std::vector<std::string>{"a", "b", "c"});

  AnyTensor x(model->input());
  for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::cos(static_cast<float>(i));
  const AnyTensor before = model->features(x), after = three->features(x), scores = three->scores(x);
  CHECK(before == after);
  REQUIRE(scores.size() == 3);
  for (std::size_t k = 0; k < 3; ++k) {
    double expected = bias[k];
    for (std::size_t c = 0; c < 96; ++c) expected += static_cast<double>(weight[k * 96 + c]) * before.data()[c];
    CHECK(std::abs(scores.data()[k] - expected) < 1e-3);  // the engine sums in float and folds the last Affine into the head
  }

  weight.pop_back();
  CHECK_THROWS_WITH(save_with_head(*model, file, {weight, bias}, out.string()),
                    "save_with_head: found 287 weights and a bias of 3, expected 96 weights for each class");
}
