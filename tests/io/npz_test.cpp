// SPDX-License-Identifier: MIT

#include "tessera/io/npz.hpp"

#include "../catch.hpp"
#include "compare.hpp"
#include "tessera/io/read_tensors.hpp"
#include "writers.hpp"

using namespace tessera;
using namespace tessera::test;

TEST_CASE("NumPy's archives are read, stored and deflated, in both orders", "[io]") {
  const TensorFile expected = read_safetensors(data("arrays.expected.safetensors"));
  check_same_tensors(read_npz(data("arrays.npz")), expected);
  check_same_tensors(read_npz(data("arrays_deflated.npz")), expected);
}

TEST_CASE("Google's Mixer gives the same weights as timm's", "[io]") {
  const TensorFile file = read_tensors(data("tiny_mixer.weights.flax.npz"));
  CHECK(file.format == "NumPy npz");
  check_same_tensors(file, read_safetensors(data("tiny_mixer.weights.safetensors")), true);
}

TEST_CASE("Unpacked arrays live as long as they are held", "[io]") {
  TensorFile file = read_npz(data("arrays_deflated.npz"));
  const TensorFile moved = std::move(file);
  CHECK(floats(*moved.find("a/scalar")) == std::vector{2.5F});
}
