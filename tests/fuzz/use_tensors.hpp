// SPDX-License-Identifier: MIT
#pragma once

// What every fuzz target does with the tensors of a file that was accepted: everything that a load does.

#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/variants.hpp"

namespace tessera::fuzz {

inline void use(const TensorFile& file) {
  std::vector<float> numbers;
  const auto convert = [&numbers](const TensorEntry& tensor) {
    constexpr std::int64_t most = 1 << 16;  // a short file may describe very many elements
    if (tensor.size() > most) return;
    numbers.resize(static_cast<std::size_t>(tensor.size()));
    to_float(tensor, numbers);
  };
  for (const TensorEntry& tensor : file.tensors) convert(tensor);
  const NamedTensors named = name_tensors(file);
  for (const NamedTensor& tensor : named.tensors) convert(tensor.tensor);
  (void)describe(sizes_of(named));
  try {
    (void)read_self_test(file);
  } catch (const Error&) {
  }
  try {
    (void)read_labels(file);
  } catch (const Error&) {
  }
}

// Runs `parse` and uses what it gives. tessera::Error is the one way to refuse; any other exception is a finding.
template <class Parse>
void try_to_use(Parse&& parse) {
  try {
    use(parse());
  } catch (const Error&) {
  }
}

}  // namespace tessera::fuzz
