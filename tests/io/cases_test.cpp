// SPDX-License-Identifier: MIT

// The checkpoints of ../shared/cases, which real libraries wrote and read: each loads with the numbers that they give, or is refused with
// the words that help.

#include <cmath>
#include <cstring>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/core/json.hpp"
#include "tessera/load.hpp"
#include "tessera/models/conv_mlp.hpp"
#include "tessera/models/mlp_mixer.hpp"
#include "tessera/models/resmlp.hpp"

using namespace tessera;
using namespace tessera::test;
using detail::Json;

namespace {

using TinyResMlp = ResMlp<Shape{8, 8, 3}, 4, 4, 1, 3>;
using TinyMixer = MlpMixer<Shape{8, 8, 3}, 4, 4, 1, 2, 16, Gelu, 3>;
using TinyBackbone = ConvMlpBackbone<Shape{32, 32, 3}, 4, 1, ConvMlpStage<1, 4, 8>, ConvMlpStage<1, 4, 8>, ConvMlpStage<1, 4, 8>>;

// Element i of the image, channels first, is ((7·i) mod 17 - 8) / 8.
template <class N>
Tensor<N::input> image() {
  constexpr Shape shape = N::input;
  Tensor<N::input> x;
  for (int c = 0; c < shape.channels; ++c)
    for (int p = 0; p < shape.positions(); ++p)
      x[static_cast<std::size_t>(p * shape.channels + c)] = static_cast<float>((7 * (c * shape.positions() + p)) % 17 - 8) / 8;
  return x;
}

template <class N>
void check_case(const std::filesystem::path& folder, const std::string& file, const Json& expected) {
  const std::string right = expected.find("right")->text();
  if (right == "refused") {
    const std::string error = error_of([&] { load<N>(folder / file); });
    for (const Json& part : expected.find("message_has")->items()) CHECK(contains(error, part.text()));
    return;
  }
  const Json* const equal_to = expected.find("equal_to");
  if (equal_to != nullptr) {
    Weights<N> got = read_weights<N>(folder / file), want = read_weights<N>(folder / equal_to->text());
    const auto a = got.parameters(), b = want.parameters();
    for (std::size_t i = 0; i < a.size(); ++i) {
      const auto size = static_cast<std::size_t>(a[i].parameter->size());
      CHECK(same_bits({a[i].parameter->data(), size}, {b[i].parameter->data(), size}));
    }
  }
  const auto logits = load<N>(folder / file)(image<N>());
  const Json* const want = expected.find("logits");
  if (want == nullptr) return;
  REQUIRE(want->items().size() == logits.size());
  const double tolerance = expected.find("tolerance")->number().value();
  for (std::size_t k = 0; k < logits.size(); ++k) CHECK(std::abs(double{logits[k]} - want->items()[k].number().value()) <= tolerance);
}

}  // namespace

TEST_CASE("Checkpoints as real trainers write them are right", "[io]") {
  const auto list = shared_file("cases/expected.json");
  if (!list) return;
  const std::filesystem::path folder = list->parent_path();
  const Json cases = detail::parse_json(read_file(*list), "expected.json");
  std::size_t checked = 0;
  for (std::size_t i = 0; i < cases.items().size(); ++i) {
    const Json* const network = cases.items()[i].find("network");
    if (network == nullptr) continue;
    const std::string& file = cases.keys()[i];
    CAPTURE(file);
    ++checked;
    if (network->text() == "TinyResMlp") check_case<TinyResMlp>(folder, file, cases.items()[i]);
    if (network->text() == "TinyMixer") check_case<TinyMixer>(folder, file, cases.items()[i]);
    if (network->text() == "TinyBackbone") check_case<TinyBackbone>(folder, file, cases.items()[i]);
  }
  CHECK(checked > 40);
}
