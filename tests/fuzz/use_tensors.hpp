// SPDX-License-Identifier: MIT
#pragma once

// What every fuzz target does with the tensors of a file that was accepted: everything that a load does.

#include <deque>
#include <string>
#include <vector>

#include "tessera/core/error.hpp"
#include "tessera/io/assign.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/metadata.hpp"
#include "tessera/io/self_test.hpp"
#include "tessera/io/tensor_file.hpp"
#include "tessera/io/variants.hpp"

namespace tessera::fuzz {

// Assigns the file's tensors to a network that wants some of them, each state in turn.
inline void assign_some(const TensorFile& file, const NamedTensors& named) {
  std::deque<Parameter> parameters;
  std::vector<NamedParameter> wanted;
  constexpr std::int64_t most = 1 << 10;
  for (const NamedTensor& found : named.tensors) {
    const Extents& extents = found.tensor.extents;
    if (wanted.size() == 8 || extents.empty() || extents.size() > 2 || extents[0] > most || extents.back() > most) continue;
    const int first = static_cast<int>(extents[0]), last = static_cast<int>(extents.back());
    parameters.push_back(extents.size() == 1 ? Parameter{first} : Parameter{first, last});
    wanted.push_back({found.tensor.name, &parameters.back()});
  }
  const auto try_state = [&](const std::string& state) {
    try {
      (void)to_string(assign(file, wanted, {.state = state}).report);
    } catch (const Error&) {
    }
  };
  try_state("");
  for (std::size_t i = 0; i < file.states.size() && i < 4; ++i) try_state(file.states[i].place);
}

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
  assign_some(file, named);
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
