// SPDX-License-Identifier: MIT
//
// The compiled library: the bundled models on each instruction set that the processor has.

#include <algorithm>
#include <cmath>
#include <string>

#include "catch.hpp"
#include "tessera/load_any.hpp"
#include "tessera/vision/read_image.hpp"

using namespace tessera;
using Catch::Matchers::Contains;

namespace {

const std::string models = TESSERA_MODELS, photos = TESSERA_PHOTOS;

}  // namespace

TEST_CASE("Every instruction set that the processor has gives the bundled models' golden scores") {
  const Image cat = read_image(photos + "/cat.jpg");
  int sets = 0;
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avx512}) {
    if (!available(set)) {
      WARN("skipped: this processor does not have " << name_of(set));
      continue;
    }
    if (!compiled_for(set)) continue;
    ++sets;
    for (const char* const name : {"resmlp_cifar10", "mixer_cifar10", "spach_ms_cifar10", "convmlp_cifar10"}) {
      // Loading runs the self-test of the file, PyTorch's scores of three images.
      const auto model = load_any(models + '/' + name + ".safetensors", {.instruction_set = set});
      CHECK(model->name() == name);
      CHECK(model->instruction_set() == set);
      const auto scores = model->scores(cat);
      CHECK(std::max_element(scores.begin(), scores.end()) - scores.begin() == 3);
      const auto want = load_any(models + '/' + name + ".safetensors", {.instruction_set = InstructionSet::baseline})->scores(cat);
      for (std::size_t k = 0; k < want.size(); ++k) CHECK(std::abs(scores[k] - want[k]) < 1e-4F);
    }
  }
  CHECK(sets >= 1);
}

TEST_CASE("Products of bytes give the bundled models' predictions on every instruction set that the processor has") {
  if (!compiled_for(Precision::int8)) {
    WARN("skipped: the library was compiled without int8 in TESSERA_COMPILED_PRECISIONS");
    CHECK_THROWS_WITH(load_any(models + "/resmlp_cifar10.safetensors", {.precision = Precision::int8}),
                      Contains("no networks of precision int8"));
    return;
  }
  const Image cat = read_image(photos + "/cat.jpg");
  for (const InstructionSet set : {InstructionSet::baseline, InstructionSet::avx2, InstructionSet::avxvnni, InstructionSet::avx512vnni}) {
    if (!available(set) || !compiled_for(set)) continue;
    for (const char* const name : {"resmlp_cifar10", "mixer_cifar10", "spach_ms_cifar10", "convmlp_cifar10"}) {
      const std::string path = models + '/' + name + ".safetensors";
      const auto model = load_any(path, {.instruction_set = set, .precision = Precision::int8});
      CHECK(model->precision() == Precision::int8);
      CHECK(model->instruction_set() == set);
      const auto scores = model->scores(cat), want = load_any(path)->scores(cat);
      CHECK(std::max_element(scores.begin(), scores.end()) - scores.begin() == 3);
      float largest = 0;
      for (const float score : want) largest = std::max(largest, std::abs(score));
      for (std::size_t k = 0; k < want.size(); ++k) CHECK(std::abs(scores[k] - want[k]) < 0.05F * largest);
    }
  }
}

TEST_CASE("Without a choice the best instruction set is taken, and one that is not there is refused") {
  InstructionSet best = InstructionSet::baseline;
  for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512})
    if (available(set) && compiled_for(set)) best = set;
  CHECK(load_any(models + "/resmlp_cifar10.safetensors")->instruction_set() == best);
  if (!available(InstructionSet::avx512))
    CHECK_THROWS_WITH(load_any(models + "/resmlp_cifar10.safetensors", {.instruction_set = InstructionSet::avx512}), Contains("avx512"));
}

TEST_CASE("The library knows its networks by name") {
  const auto names = network_names();
  CHECK(std::find(names.begin(), names.end(), "resmlp_cifar10") != names.end());
  CHECK_THROWS_WITH(load_any(models + "/resmlp_cifar10.safetensors", {.name = "mixer_cifra10"}),
                    Contains("did you mean \"mixer_cifar10\""));
}
