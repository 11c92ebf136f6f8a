// SPDX-License-Identifier: MIT
#pragma once

// Compares the tensors of a checkpoint with those of another that is known to be right.

#include <map>
#include <string>

#include "../catch.hpp"
#include "files.hpp"
#include "tessera/io/key_names.hpp"
#include "tessera/io/safetensors.hpp"

namespace tessera::test {

// Same names, types, extents and numbers, whatever the order and layout in the files. Compares the library's names of both if
// `translated`, else the files' own.
inline void check_same_tensors(const TensorFile& file, const TensorFile& expected, bool translated = false) {
  const auto list = [&](const TensorFile& from) {
    std::map<std::string, TensorEntry> tensors;
    if (translated)
      for (const NamedTensor& t : name_tensors(from).tensors) tensors.emplace(t.tensor.name, t.tensor);
    else
      for (const TensorEntry& t : from.tensors) tensors.emplace(t.name, t);
    return tensors;
  };
  const auto got = list(file), want = list(expected);
  CHECK(got.size() == want.size());
  for (const auto& [name, tensor] : want) {
    CAPTURE(file.path, name);
    const auto found = got.find(name);
    REQUIRE(found != got.end());
    CHECK(found->second.dtype == tensor.dtype);
    CHECK(found->second.extents == tensor.extents);
    CHECK(same_bits(floats(found->second), floats(tensor)));
  }
}

}  // namespace tessera::test
